#include "suites.h"

int main(void)
{
    TCase *const cases[] = {typeset_case(), picture_case(), animatic_case(), captions_case(),
                            clip_case(),    mix_case(),     speech_case(),   stitch_case(),
                            length_case(),  outputs_case(), synth_case(),    transition_case()};

    return run_suite("render", cases, N(cases), NULL, NULL);
}
