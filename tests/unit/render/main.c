#include <stdlib.h>

#include "suites.h"

int main(void)
{
    Suite *suite = suite_create("render");
    SRunner *runner;
    int n_failed;

    suite_add_tcase(suite, typeset_case());
    suite_add_tcase(suite, picture_case());
    suite_add_tcase(suite, animatic_case());
    suite_add_tcase(suite, captions_case());
    suite_add_tcase(suite, clip_case());
    suite_add_tcase(suite, mix_case());
    suite_add_tcase(suite, speech_case());
    suite_add_tcase(suite, stitch_case());
    suite_add_tcase(suite, length_case());
    suite_add_tcase(suite, outputs_case());
    suite_add_tcase(suite, synth_case());
    suite_add_tcase(suite, transition_case());
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
