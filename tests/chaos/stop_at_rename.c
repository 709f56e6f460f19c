/* Preloaded into a server: all its threads stand still (SIGSTOP) in the moment before a file of the
 * name $STOP_AT goes to its place, once for each time that the file $STOP_FLAG is made. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void stand_still(const char *name)
{
    const char *at = getenv("STOP_AT"), *flag = getenv("STOP_FLAG");

    if (at != NULL && flag != NULL && strcmp(name, at) == 0 && unlink(flag) == 0)
        (void)raise(SIGSTOP); /* of this very thread: it must not get further */
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    int (*real)(int, const char *, int, const char *) = dlsym(RTLD_NEXT, "renameat");

    stand_still(to);
    return real(from_dir, from, to_dir, to);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned int flags)
{
    int (*real)(int, const char *, int, const char *, unsigned int) = dlsym(RTLD_NEXT, "renameat2");

    stand_still(to);
    return real(from_dir, from, to_dir, to, flags);
}
