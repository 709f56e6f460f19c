#include "render/cut.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_MAX = 16 };

/* No clip has so many parts, but somebody's idea of one may. */
enum { PARTS_MAX = 1 << 20 };

/* A part of a file: a head that says what it is and how long, and so many bytes. */
struct part {
    int head;
    int64_t size;
    bool is_last; /* what follows belongs to nobody */
};

enum reading { READ, CUT_OFF, NO_PART };

static uint64_t number_of(const unsigned char *at, int n)
{
    uint64_t number = 0;

    for (int i = 0; i < n; i++)
        number = number << 8 | at[i];
    return number;
}

/* ---- Matroska and WebM ---- */

/* Those two may be of unknown size: they are entered, and end where their own parts do. */
enum { SEGMENT = 0x18538067, CLUSTER = 0x1F43B675 };

enum { ID_BYTES_MAX = 4, SIZE_BYTES_MAX = 8 };

/* Bytes of a number, by its first one; 9 when it is none. */
static int length_of(unsigned char first)
{
    return first == 0 ? SIZE_BYTES_MAX + 1 : __builtin_clz(first) - 23;
}

static enum reading read_element(const unsigned char *bytes, ssize_t n, struct part *part)
{
    const int id_n = length_of(bytes[0]), size_n = n > id_n ? length_of(bytes[id_n]) : 1;
    uint64_t id, size, unknown;

    if (id_n > ID_BYTES_MAX || size_n > SIZE_BYTES_MAX)
        return NO_PART;
    if (n < id_n + size_n)
        return CUT_OFF;
    unknown = (UINT64_C(1) << 7 * size_n) - 1; /* all ones */
    id = number_of(bytes, id_n);
    size = number_of(bytes + id_n, size_n) & unknown;
    if (size == unknown && id != SEGMENT && id != CLUSTER)
        return NO_PART;
    *part = (struct part){.head = id_n + size_n,
                          .size = size == unknown ? 0 : (int64_t)size,
                          .is_last = id == SEGMENT && size != unknown};
    return READ;
}

/* ---- MP4 and its kin ---- */

static bool is_box_type(const unsigned char *type)
{
    static const char types[] = "ftyp styp moov moof mfra mdat free skip wide sidx ssix uuid udta "
                                "meta pdin emsg prft";

    for (const char *at = types; at < types + sizeof types - 1; at += 5) {
        if (memcmp(at, type, 4) == 0)
            return true;
    }
    return false;
}

static enum reading read_box(const unsigned char *bytes, ssize_t n, struct part *part)
{
    uint64_t size = number_of(bytes, 4);
    const int head = size == 1 ? 16 : 8;

    if (n < 8)
        return CUT_OFF;
    if (!is_box_type(bytes + 4))
        return NO_PART;
    if (n < head)
        return CUT_OFF;
    if (size == 0) { /* up to the end of the file */
        *part = (struct part){.head = head, .is_last = true};
        return READ;
    }
    size = size == 1 ? number_of(bytes + 8, 8) : size;
    if (size < (uint64_t)head || size > INT64_MAX)
        return NO_PART;
    *part = (struct part){.head = head, .size = (int64_t)size - head};
    return READ;
}

/* ---- any of them ---- */

typedef enum reading reader(const unsigned char *bytes, ssize_t n, struct part *part);

/* By how a file begins. */
static reader *reader_of(const unsigned char *bytes, ssize_t n)
{
    static const unsigned char ebml[] = {0x1A, 0x45, 0xDF, 0xA3};

    if (n < 8)
        return NULL;
    if (memcmp(bytes, ebml, sizeof ebml) == 0)
        return read_element;
    return is_box_type(bytes + 4) ? read_box : NULL;
}

static bool ends_early(int fd, int64_t file_bytes)
{
    unsigned char bytes[HEAD_MAX] = {0};
    ssize_t n = pread(fd, bytes, sizeof bytes, 0);
    reader *read_part = reader_of(bytes, n);
    int64_t at = 0;

    for (int i = 0; i < PARTS_MAX && read_part != NULL && n > 0; i++) {
        struct part part;
        enum reading reading = read_part(bytes, n, &part);

        if (reading != READ)
            return reading == CUT_OFF;
        at += part.head;
        if (part.size > file_bytes - at)
            return true;
        if (part.is_last)
            return false;
        at += part.size;
        n = pread(fd, bytes, sizeof bytes, at);
    }
    return false;
}

bool fc_file_is_cut(const char *path)
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
