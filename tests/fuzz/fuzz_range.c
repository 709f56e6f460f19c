/* Any header Range, and the two bytes before it as the size of a file: a part lies inside of it. */
#include <assert.h>
#include <string.h>

#include <framecast/arena.h>

#include "media/range.h"

static void expect_inside(struct fc_range range, int64_t size)
{
    if (range.kind == FC_RANGE_WHOLE)
        assert(range.first == 0 && range.n == size);
    if (range.kind == FC_RANGE_PART)
        assert(range.first >= 0 && range.n > 0 && range.n <= size && range.first <= size - range.n);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    int64_t sizes[] = {0, 1, INT64_MAX, 0};

    if (n < 2)
        return 0;
    sizes[3] = bytes[0] << 8 | bytes[1];
    for (int i = 0; i < 4; i++)
        expect_inside(fc_range_read(fc_copy_n(arena, (const char *)bytes + 2, n - 2), sizes[i]),
                      sizes[i]);
    return 0;
}
