/**
 * What was found out once and need not be found out again: values of one size by the digests of
 * what they are about. Bounded (16,384 values), forgets the oldest; any thread.
 */
#ifndef FRAMECAST_AUTH_MEMORY_H
#define FRAMECAST_AUTH_MEMORY_H

#include "crypt/crypt.h"

struct fc_memory;

struct fc_memory *fc_memory_new(size_t value_size);
void fc_memory_free(struct fc_memory *memory);

/** Copies the value; false when there is none. */
bool fc_memory_get(struct fc_memory *memory, const unsigned char digest[FC_HASH_BYTES],
                   void *value);
void fc_memory_put(struct fc_memory *memory, const unsigned char digest[FC_HASH_BYTES],
                   const void *value);
void fc_memory_forget(struct fc_memory *memory, const unsigned char digest[FC_HASH_BYTES]);

/** True at most once a second for each value that is there. */
bool fc_memory_use(struct fc_memory *memory, const unsigned char digest[FC_HASH_BYTES]);

#endif
