/**
 * Memory that is freed all at once: everything made for one request, one step, one command.
 *
 * An allocation never fails: a process out of memory aborts, and whatever it was doing goes on
 * elsewhere from what PostgreSQL holds. Under AddressSanitizer each allocation is a malloc of its
 * own, so that overruns show.
 */
#ifndef FRAMECAST_ARENA_H
#define FRAMECAST_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct fc_arena;

struct fc_arena *fc_arena_new(void);
void fc_arena_free(struct fc_arena *arena); /* runs what was deferred, last first; accepts NULL */

/** The same, but that the arena stays, as if it were new. */
void fc_arena_empty(struct fc_arena *arena);

/**
 * For a server, before its first thread: what an arena frees stays with the process, up to 4 MiB a
 * thread. Giving it back to the kernel each time, as malloc does by itself with large blocks, costs
 * a long answer a quarter of its time in page faults.
 */
void fc_arenas_keep_memory(void);

/**
 * @size zeroed bytes, aligned for anything; lives as long as the arena. @size 0 gives a valid
 * pointer.
 */
__attribute__((malloc, returns_nonnull, alloc_size(2))) void *fc_alloc(struct fc_arena *arena,
                                                                       size_t size);

/** The same with whatever was there before: for bytes that are written at once. */
__attribute__((malloc, returns_nonnull, alloc_size(2))) void *fc_alloc_bytes(struct fc_arena *arena,
                                                                             size_t size);

/** @count zeroed elements of @size bytes; aborts when the product overflows. */
__attribute__((malloc, returns_nonnull, alloc_size(2, 3))) void *fc_alloc_array(
    struct fc_arena *arena, size_t count, size_t size);

#define FC_NEW(arena, type) ((type *)fc_alloc((arena), sizeof(type)))
#define FC_NEW_ARRAY(arena, type, count) ((type *)fc_alloc_array((arena), (count), sizeof(type)))

/**
 * Copies with a closing NUL. fc_copy_n copies exactly @n bytes of @text. NULL stays NULL in
 * fc_copy.
 */
char *fc_copy(struct fc_arena *arena, const char *text);
char *fc_copy_n(struct fc_arena *arena, const char *text, size_t n);

__attribute__((format(printf, 2, 3), returns_nonnull)) char *fc_printf(struct fc_arena *arena,
                                                                       const char *format, ...);
__attribute__((format(printf, 2, 0), returns_nonnull)) char *fc_vprintf(struct fc_arena *arena,
                                                                        const char *format,
                                                                        va_list args);

/** Calls @undo(@thing) when the arena is freed or emptied. */
void fc_arena_defer(struct fc_arena *arena, void (*undo)(void *), void *thing);

/** Bytes handed out so far: what the ceilings of growing things are measured by. */
size_t fc_arena_used(const struct fc_arena *arena);

/* Frees the variable with fc_<noun>_free when its scope ends: FC_AUTO(arena) *arena =
 * fc_arena_new(); */
#define FC_AUTO(noun) __attribute__((cleanup(fc_##noun##_free_at))) struct fc_##noun
#define FC_AUTO_DEFINE(noun)                                                                       \
    static inline void fc_##noun##_free_at(struct fc_##noun **at)                                  \
    {                                                                                              \
        fc_##noun##_free(*at);                                                                     \
    }
FC_AUTO_DEFINE(arena)

#endif
