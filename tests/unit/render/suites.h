#ifndef UNIT_RENDER_SUITES_H
#define UNIT_RENDER_SUITES_H

#include "suite.h"

TCase *typeset_case(void);
TCase *animatic_case(void);
TCase *captions_case(void);
TCase *clip_case(void);
TCase *mix_case(void);
TCase *speech_case(void);
TCase *stitch_case(void);
TCase *length_case(void);
TCase *outputs_case(void);
TCase *picture_case(void);
TCase *synth_case(void);
TCase *transition_case(void);

#endif
