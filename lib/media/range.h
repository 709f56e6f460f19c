/** Parts of files: the header Range of RFC 9110, section 14. */
#ifndef FRAMECAST_MEDIA_RANGE_H
#define FRAMECAST_MEDIA_RANGE_H

#include <stdint.h>

enum fc_range_kind {
    FC_RANGE_WHOLE, /* no range, one that is not understood, or several: everything */
    FC_RANGE_PART,
    FC_RANGE_OUTSIDE, /* none of it lies inside of the file */
};

struct fc_range {
    enum fc_range_kind kind;
    int64_t first, n; /* bytes; all of the file for FC_RANGE_WHOLE */
};

/** What @header (NULL: none) asks for of a file of @size bytes. */
struct fc_range fc_range_read(const char *header, int64_t size);

#endif
