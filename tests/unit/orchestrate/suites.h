#include "suite.h"

TCase *steps_case(void);
TCase *films_case(void);
TCase *runner_case(void);
TCase *sounds_case(void);
