#include <framecast/arena.h>

#include <assert.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define EACH_ITS_OWN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EACH_ITS_OWN 1
#endif
#endif
#ifndef EACH_ITS_OWN
#define EACH_ITS_OWN 0
#endif

enum {
    FIRST_BLOCK_BYTES = EACH_ITS_OWN ? 0 : 4096,
    MAX_BLOCK_BYTES = 256 * 1024,
    KEPT_BLOCK_BYTES = 2 * 1024 * 1024, /* larger ones are the kernel's again at once */
    KEPT_BYTES = 4 * 1024 * 1024,       /* free at the end of a thread's heap */
};

struct block {
    struct block *older;
    size_t used, size; /* bytes of data[] */
    max_align_t data[];
};

struct deferred {
    struct deferred *older;
    void (*undo)(void *);
    void *thing;
};

struct fc_arena {
    struct block *newest; /* a list that ends with @first */
    struct deferred *deferred;
    size_t used;
    struct block first; /* in one piece with the arena: most need no other */
};

static void *must(void *memory)
{
    if (memory == NULL) {
        (void)fputs("framecast: out of memory\n", stderr);
        abort();
    }
    return memory;
}

void fc_arenas_keep_memory(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, KEPT_BLOCK_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
}

static void arena_begin(struct fc_arena *arena)
{
    *arena = (struct fc_arena){.first.size = FIRST_BLOCK_BYTES};
    arena->newest = &arena->first;
}

struct fc_arena *fc_arena_new(void)
{
    struct fc_arena *arena = must(malloc(sizeof *arena + FIRST_BLOCK_BYTES));

    arena_begin(arena);
    return arena;
}

void fc_arena_empty(struct fc_arena *arena)
{
    for (struct deferred *d = arena->deferred; d != NULL; d = d->older)
        d->undo(d->thing);
    for (struct block *b = arena->newest, *older; b != &arena->first; b = older) {
        older = b->older;
        free(b);
    }
    arena_begin(arena);
}

void fc_arena_free(struct fc_arena *arena)
{
    if (arena == NULL)
        return;
    fc_arena_empty(arena);
    free(arena);
}

static struct block *block_add(struct fc_arena *arena, size_t size)
{
    struct block *b = must(malloc(sizeof *b + size));

    b->older = arena->newest;
    b->used = 0;
    b->size = size;
    arena->newest = b;
    return b;
}

static size_t block_size_for(const struct fc_arena *arena, size_t need)
{
    size_t size = arena->newest->size * 2;

    if (EACH_ITS_OWN)
        return need;
    if (size > MAX_BLOCK_BYTES)
        size = MAX_BLOCK_BYTES;
    return size < need ? need : size;
}

void *fc_alloc_bytes(struct fc_arena *arena, size_t size)
{
    const size_t grain = _Alignof(max_align_t);
    struct block *b = arena->newest;
    size_t need;
    void *at;

    must(size > SIZE_MAX / 2 ? NULL : arena);
    need = (size + grain - 1) / grain * grain;
    if (need == 0)
        need = grain;
    if (EACH_ITS_OWN || b->size - b->used < need)
        b = block_add(arena, block_size_for(arena, EACH_ITS_OWN ? size : need));
    at = (char *)b->data + b->used;
    b->used += EACH_ITS_OWN ? size : need;
    arena->used += need;
    return at;
}

void *fc_alloc(struct fc_arena *arena, size_t size)
{
    return memset(fc_alloc_bytes(arena, size), 0, size);
}

void *fc_alloc_array(struct fc_arena *arena, size_t count, size_t size)
{
    size_t bytes;

    must(__builtin_mul_overflow(count, size, &bytes) ? NULL : arena);
    return fc_alloc(arena, bytes);
}

char *fc_copy_n(struct fc_arena *arena, const char *text, size_t n)
{
    char *copy = fc_alloc_bytes(arena, n + 1);

    if (n > 0)
        memcpy(copy, text, n);
    copy[n] = '\0';
    return copy;
}

char *fc_copy(struct fc_arena *arena, const char *text)
{
    return text == NULL ? NULL : fc_copy_n(arena, text, strlen(text));
}

char *fc_vprintf(struct fc_arena *arena, const char *format, va_list args)
{
    va_list again;
    char *text;
    int n;

    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    assert(n >= 0);
    text = fc_alloc(arena, (size_t)n + 1);
    (void)vsnprintf(text, (size_t)n + 1, format, args);
    return text;
}

char *fc_printf(struct fc_arena *arena, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = fc_vprintf(arena, format, args);
    va_end(args);
    return text;
}

void fc_arena_defer(struct fc_arena *arena, void (*undo)(void *), void *thing)
{
    struct deferred *d = FC_NEW(arena, struct deferred);

    d->undo = undo;
    d->thing = thing;
    d->older = arena->deferred;
    arena->deferred = d;
}

size_t fc_arena_used(const struct fc_arena *arena)
{
    return arena->used;
}
