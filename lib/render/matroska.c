#include "render/matroska.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

/* Elements that may be of unknown size: they are entered, and end where their parts do. */
enum { SEGMENT = 0x18538067, CLUSTER = 0x1F43B675 };

enum { ID_BYTES_MAX = 4, SIZE_BYTES_MAX = 8, HEAD_MAX = ID_BYTES_MAX + SIZE_BYTES_MAX };

/* No clip has so many, but somebody's idea of one may. */
enum { ELEMENTS_MAX = 1 << 20 };

struct element {
    uint32_t id;
    bool is_open; /* of unknown size */
    int64_t size; /* of what is in it */
    int head;     /* bytes before that */
};

enum reading { READ, CUT_OFF, NO_ELEMENT };

/* Bytes of a number, by its first one; 9 when it is none. */
static int length_of(unsigned char first)
{
    return first == 0 ? SIZE_BYTES_MAX + 1 : __builtin_clz(first) - 23;
}

static uint64_t number_of(const unsigned char *at, int n)
{
    uint64_t number = 0;

    for (int i = 0; i < n; i++)
        number = number << 8 | at[i];
    return number;
}

static enum reading read_element(const unsigned char *bytes, ssize_t n, struct element *element)
{
    const int id = length_of(bytes[0]), size = n > id ? length_of(bytes[id]) : 1;
    uint64_t mask;

    if (id > ID_BYTES_MAX || size > SIZE_BYTES_MAX)
        return NO_ELEMENT;
    if (n < id + size)
        return CUT_OFF;
    mask = (UINT64_C(1) << 7 * size) - 1;
    element->id = (uint32_t)number_of(bytes, id);
    element->size = (int64_t)(number_of(bytes + id, size) & mask);
    element->is_open = element->size == (int64_t)mask; /* all ones */
    element->head = id + size;
    return READ;
}

static bool ends_early(int fd, int64_t file_bytes)
{
    int64_t at = 0;

    for (int i = 0; i < ELEMENTS_MAX && at < file_bytes; i++) {
        unsigned char bytes[HEAD_MAX];
        ssize_t n = pread(fd, bytes, sizeof bytes, at);
        struct element element;
        enum reading reading = n > 0 ? read_element(bytes, n, &element) : NO_ELEMENT;

        if (reading != READ)
            return reading == CUT_OFF;
        at += element.head;
        if (element.is_open && element.id != SEGMENT && element.id != CLUSTER)
            return false;
        if (!element.is_open && element.size > file_bytes - at)
            return true;
        if (!element.is_open && element.id == SEGMENT)
            return false; /* what follows belongs to nobody */
        at += element.is_open ? 0 : element.size;
    }
    return false;
}

bool fc_matroska_is_cut(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    bool is_cut;

    if (fd < 0)
        return false;
    is_cut = fstat(fd, &about) == 0 && ends_early(fd, about.st_size);
    (void)close(fd); /* only read from */
    return is_cut;
}
