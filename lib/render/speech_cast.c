/* Who speaks how: voices by what is known of a figure, languages by script, letters and words. */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include <framecast/text.h>

#include "render/speech.h"
#include "render/typeset.h"

/* ---- words ---- */

static bool is_in_word(char c)
{
    return (unsigned char)c >= 0x80 || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* The next word at or behind *@at, which is moved to its end; an empty one at the end. */
static struct fc_span next_word(const char **at)
{
    const char *start = *at;

    while (*start != '\0' && !is_in_word(*start))
        start++;
    *at = start;
    while (is_in_word(**at))
        ++*at;
    return (struct fc_span){start, (size_t)(*at - start)};
}

/* @words has blanks between its words. */
static bool is_one_of(struct fc_span word, const char *words)
{
    for (struct fc_span one = next_word(&words); one.n > 0; one = next_word(&words)) {
        if (one.n == word.n && strncasecmp(one.at, word.at, word.n) == 0)
            return true;
    }
    return false;
}

static int count_words(const char *text, const char *words)
{
    int n = 0;

    for (struct fc_span word = next_word(&text); word.n > 0; word = next_word(&text))
        n += is_one_of(word, words);
    return n;
}

/* ---- voices ---- */

enum { VARIANTS_MAX = 6 };

/* Kinds of figures, the words that tell them, and espeak-ng's variants that sound like them. */
static const struct kind {
    const char *words;
    uint32_t n_variants;
    const char *variants[VARIANTS_MAX];
} kinds[] = {
    {"child kid girl boy baby toddler daughter son schoolgirl schoolboy elf fairy mouse kitten",
     2, {"f2", "f5"}},
    {"woman lady female she her mother mom mum grandmother aunt sister wife queen princess witch "
     "actress waitress nun heroine goddess",
     4, {"f1", "f2", "f3", "f4"}},
    {"man gentleman male he his him father dad grandfather uncle brother husband king prince "
     "wizard actor waiter monk hero god robot soldier",
     6, {"m1", "m2", "m3", "m4", "m6", "m7"}},
};

static const struct kind anybody = {"", 6, {"m1", "f1", "m3", "f3", "m7", "f4"}};

enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* By the first word that tells something: "a boy with his father" is a boy. */
static const struct kind *kind_of(const char *looks)
{
    for (struct fc_span word = next_word(&looks); word.n > 0; word = next_word(&looks)) {
        for (size_t i = 0; i < N_KINDS; i++) {
            if (is_one_of(word, kinds[i].words))
                return &kinds[i];
        }
    }
    return &anybody;
}

const char *fc_speech_voice(struct fc_arena *arena, const char *speaker, const char *looks)
{
    const struct kind *kind = kind_of(looks != NULL ? looks : "");

    if (speaker == NULL)
        return "+m3";
    return fc_printf(arena, "+%s", kind->variants[fc_hash(speaker) % kind->n_variants]);
}

/* ---- languages ---- */

/* Scripts of one language, by first code point; the last row at or before a letter counts. NULL:
 * none, or one that several share. */
static const struct {
    uint32_t from;
    const char *language;
} scripts[] = {
    {0x0000, NULL}, {0x0370, "el"}, {0x0400, NULL},  {0x0530, "hy"}, {0x0590, "he"}, {0x0600, "ar"},
    {0x0700, NULL}, {0x0900, "hi"}, {0x0980, "bn"},  {0x0A00, "pa"}, {0x0A80, "gu"}, {0x0B00, "or"},
    {0x0B80, "ta"}, {0x0C00, "te"}, {0x0C80, "kn"},  {0x0D00, "ml"}, {0x0D80, "si"}, {0x0E00, "th"},
    {0x0E80, NULL}, {0x1000, "my"}, {0x10A0, "ka"},  {0x1100, "ko"}, {0x1200, "am"}, {0x1380, NULL},
    {0x3040, "ja"}, {0x3100, NULL}, {0x3400, "cmn"}, {0xA000, NULL}, {0xAC00, "ko"}, {0xD7B0, NULL},
};

/* Languages that share a script: what only they write, and what they say all the time. */
static const struct {
    const char *name;
    bool is_cyrillic;
    const char *letters, *words;
} shared[] = {
    {"en", false, "",
     "the and is are you to of it we that what this have don not my your for with"},
    {"de", false, "ßäöüÄÖÜ", "der die das und ist nicht ich du wir ein eine zu auf mit sie es den"},
    {"fr-fr", false, "çèêëàâûœ", "le la les et est pas je tu nous vous un une que des pour ce"},
    {"es", false, "ñ¿¡", "el los las y es no que una un por con para está muy pero yo"},
    {"it", false, "òìù", "il che di e non è una per con sono gli della questo più io"},
    {"pt", false, "ãõ", "o os não que uma com para você eu mais isso seu sua em do da"},
    {"nl", false, "ĳ", "de het een en niet ik je wij is van dat zijn maar met voor"},
    {"sv", false, "å", "och är inte jag du det som en ett vi har att på"},
    {"pl", false, "łąęśżźćń", "nie się jest to na i że z do co jak ale już"},
    {"cs", false, "řůěďť", "je se na to že jsem co ale tak jak už"},
    {"hu", false, "őű", "a az és nem hogy egy van ez meg de már"},
    {"tr", false, "ğışİ", "bir ve bu ne için değil çok ben sen var"},
    {"ru", true, "ыэъё", "и в не на я что это он она мы с так"},
    {"uk", true, "іїєґ", "і в не що це я та він вона ми як на"},
    {"bg", true, "", "и да не на се че това съм е са ще"},
};

enum { N_SCRIPTS = sizeof scripts / sizeof *scripts, N_SHARED = sizeof shared / sizeof *shared };

static const char *language_of_letter(uint32_t code)
{
    size_t i = N_SCRIPTS - 1;

    while (scripts[i].from > code)
        i--;
    return scripts[i].language;
}

static bool is_cyrillic(uint32_t code)
{
    return code >= 0x0400 && code < 0x0530;
}

static bool holds(const char *letters, uint32_t code)
{
    while (*letters != '\0') {
        if (fc_text_next(&letters) == code)
            return true;
    }
    return false;
}

static int score_of(size_t i, const char *text)
{
    int score = count_words(text, shared[i].words);

    while (*text != '\0')
        score += holds(shared[i].letters, fc_text_next(&text)) ? 2 : 0;
    return score;
}

/* Of those that share the script; the first one when nothing tells them apart. */
static const char *most_likely(const char *text, bool cyrillic)
{
    const char *best = NULL;
    int best_score = -1;

    for (size_t i = 0; i < N_SHARED; i++) {
        int score = shared[i].is_cyrillic == cyrillic ? score_of(i, text) : -1;

        if (score > best_score) {
            best_score = score;
            best = shared[i].name;
        }
    }
    return best;
}

const char *fc_speech_language(const char *line, const char *all)
{
    const char *own = NULL;
    int n_own = 0, n_shared = 0, n_cyrillic = 0;

    for (const char *at = line; *at != '\0';) {
        uint32_t code = fc_text_next(&at);
        const char *language = language_of_letter(code);

        n_shared += (code | 32) - 'a' < 26u || (code >= 0xC0 && code < 0x370);
        n_cyrillic += is_cyrillic(code);
        if (language == NULL)
            continue;
        n_own++;
        if (own == NULL || strcmp(language, "ja") == 0) /* which has Chinese letters, too */
            own = language;
    }
    if (n_own > 0 && n_own >= n_shared + n_cyrillic)
        return own;
    return most_likely(all, n_cyrillic > n_shared);
}
