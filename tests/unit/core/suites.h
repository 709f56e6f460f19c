/** The test cases of core, one file each. */
#include <framecast/arena.h>

#include "suite.h"

extern struct fc_arena *arena; /* of the running test */

TCase *arena_case(void);
TCase *files_case(void);
TCase *ids_case(void);
TCase *log_case(void);
TCase *loop_case(void);
TCase *settings_case(void);
TCase *text_case(void);
TCase *time_case(void);
