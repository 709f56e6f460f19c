/* Preloaded into a server: while the file $NAMES_AWAY is there, whoever asks for a host's name
 * waits. The file $NAMES_AWAY.asked says that somebody does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    int (*real)(const char *, const char *, const struct addrinfo *,
                struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
    const char *away = getenv("NAMES_AWAY");
    char asked[4096];

    while (away != NULL && (hints == NULL || !(hints->ai_flags & AI_NUMERICHOST)) &&
           access(away, F_OK) == 0) {
        (void)snprintf(asked, sizeof asked, "%s.asked", away);
        (void)close(open(asked, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
        (void)usleep(20000);
    }
    return real(name, service, hints, found);
}
