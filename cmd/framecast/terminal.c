#include "terminal.h"

#include <fcntl.h>
#include <langinfo.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

struct terminal {
    FILE *stream;
    bool is_live, has_utf8, has_colours;
    int n_drawn;            /* lines of the picture above the cursor */
    struct fc_arena *arena; /* of the picture */
    const char *drawn;
};

struct terminal *terminal_new(FILE *stream)
{
    const char *kind = getenv("TERM"), *no_color = getenv("NO_COLOR");
    struct terminal *terminal = calloc(1, sizeof *terminal);

    if (terminal == NULL)
        abort();
    terminal->stream = stream;
    terminal->is_live = isatty(fileno(stream)) == 1 && kind != NULL && strcmp(kind, "dumb") != 0;
    terminal->has_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    terminal->has_colours = terminal->is_live && (no_color == NULL || *no_color == '\0');
    return terminal;
}

void terminal_free(struct terminal *terminal)
{
    if (terminal == NULL)
        return;
    fc_arena_free(terminal->arena);
    free(terminal);
}

/* ---- what it can show ---- */

bool terminal_is_live(const struct terminal *terminal)
{
    return terminal->is_live;
}

bool terminal_has_utf8(const struct terminal *terminal)
{
    return terminal->has_utf8;
}

static struct winsize window(const struct terminal *terminal)
{
    struct winsize size = {0};

    if (ioctl(fileno(terminal->stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0 ||
        size.ws_row == 0)
        size = (struct winsize){.ws_col = 80, .ws_row = 24};
    return size;
}

int terminal_columns(const struct terminal *terminal)
{
    return window(terminal).ws_col;
}

int terminal_rows(const struct terminal *terminal)
{
    return window(terminal).ws_row;
}

const char *terminal_paint(const struct terminal *terminal, enum paint paint)
{
    static const char *const codes[] = {
        [PAINT_NONE] = "",          [PAINT_BOLD] = "\033[1m", [PAINT_DIM] = "\033[2m",
        [PAINT_GREEN] = "\033[32m", [PAINT_RED] = "\033[31m", [PAINT_YELLOW] = "\033[33m",
    };

    return terminal->has_colours ? codes[paint] : "";
}

const char *terminal_unpaint(const struct terminal *terminal)
{
    return terminal->has_colours ? "\033[0m" : "";
}

/* ---- the picture ---- */

/* One write for the whole picture, so that it does not flicker. */
static void send(const struct terminal *terminal, const struct fc_buffer *b)
{
    fflush(terminal->stream);
    for (size_t done = 0; done < b->n;) {
        ssize_t n = write(fileno(terminal->stream), b->data + done, b->n - done);

        if (n <= 0)
            return; /* a terminal that is gone misses nothing */
        done += (size_t)n;
    }
}

static void put_start_of_picture(const struct terminal *terminal, struct fc_buffer *b)
{
    fc_put(b, "\r");
    if (terminal->n_drawn > 0)
        fc_putf(b, "\033[%dA", terminal->n_drawn);
}

void terminal_draw(struct terminal *terminal, const char *text)
{
    struct fc_arena *arena;
    struct fc_buffer b;

    if (terminal->drawn != NULL && strcmp(terminal->drawn, text) == 0)
        return;
    arena = fc_arena_new();
    b = fc_buffer_in(arena);
    put_start_of_picture(terminal, &b);
    terminal->n_drawn = 0;
    for (const char *line = text; *line != '\0'; terminal->n_drawn++) {
        size_t n = strcspn(line, "\n");

        fc_put_n(&b, line, n);
        fc_put(&b, "\033[K\n"); /* what an older, longer line left behind */
        line += n + (line[n] == '\n');
    }
    fc_put(&b, "\033[J"); /* older lines below, and the ^C that the terminal echoed */
    send(terminal, &b);
    fc_arena_free(terminal->arena);
    terminal->arena = arena;
    terminal->drawn = fc_copy(arena, text);
}

void terminal_keep(struct terminal *terminal)
{
    terminal->n_drawn = 0;
    terminal->drawn = NULL;
}

void terminal_clear(struct terminal *terminal)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer b = fc_buffer_in(arena);

    if (terminal->n_drawn == 0)
        return;
    put_start_of_picture(terminal, &b);
    fc_put(&b, "\033[J");
    send(terminal, &b);
    terminal_keep(terminal);
}

void terminal_put_bar(const struct terminal *terminal, struct fc_buffer *b, double percent,
                      int columns)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int steps = terminal->has_utf8 ? 8 : 1;
    int filled, rest;

    percent = percent < 0 ? 0 : percent > 100 ? 100 : percent;
    filled = (int)(percent * columns * steps / 100);
    rest = filled % steps;
    for (int i = 0; i < filled / steps; i++)
        fc_put(b, terminal->has_utf8 ? "█" : "#");
    if (rest > 0)
        fc_put(b, eighths[rest]);
    for (int i = filled / steps + (rest > 0); i < columns; i++)
        fc_put(b, terminal->has_utf8 ? "░" : "-");
}

/* ---- the question ---- */

bool terminal_ask(struct terminal *terminal, const char *question)
{
    char answer[16] = "";
    size_t n = 0;
    int fd;

    if (isatty(fileno(terminal->stream)) != 1)
        return false;
    fd = open("/dev/tty", O_RDONLY | O_CLOEXEC); /* stdin may be the storyboard */
    if (fd < 0)
        return false;
    fprintf(terminal->stream, "%s [y/N] ", question);
    fflush(terminal->stream);
    while (n < sizeof answer - 1 && read(fd, answer + n, 1) == 1 && answer[n] != '\n')
        n++;
    close(fd);
    answer[n] = '\0';
    return fc_text_equal_nocase(answer, "y") || fc_text_equal_nocase(answer, "yes");
}

/* ---- text from elsewhere ---- */

/* Bytes and cells of the character at @at; control characters and broken bytes become '?'. */
static size_t next_character(const char *at, size_t left, int *cells, bool *is_printable)
{
    mbstate_t state = {0};
    wchar_t wide;
    size_t n = mbrtowc(&wide, at, left, &state);

    *is_printable = n != (size_t)-1 && n != (size_t)-2 && wcwidth(wide) >= 0;
    *cells = *is_printable ? wcwidth(wide) : 1;
    return n == 0 || n == (size_t)-1 || n == (size_t)-2 ? 1 : n;
}

static int cells_of(const char *text)
{
    int total = 0, cells;
    bool is_printable;

    for (size_t i = 0, n = strlen(text); i < n; total += cells)
        i += next_character(text + i, n - i, &cells, &is_printable);
    return total;
}

/* Puts as much as fits into @columns; gives the cells used. */
static int put_cells(struct fc_buffer *b, const char *text, int columns)
{
    int used = 0, cells;
    bool is_printable;

    for (size_t i = 0, n = strlen(text); i < n;) {
        size_t step = next_character(text + i, n - i, &cells, &is_printable);

        if (used + cells > columns)
            break;
        if (is_printable)
            fc_put_n(b, text + i, step);
        else
            fc_put_char(b, strchr("\t\r\n", text[i]) != NULL ? ' ' : '?');
        used += cells;
        i += step;
    }
    return used;
}

void put_clean(struct fc_buffer *b, const char *text)
{
    put_cells(b, text, INT32_MAX);
}

static int put_cut(struct fc_buffer *b, const char *text, int columns)
{
    int used;

    if (cells_of(text) <= columns)
        return put_cells(b, text, columns);
    if (columns <= 3)
        return put_cells(b, "...", columns);
    used = put_cells(b, text, columns - 3);
    fc_put(b, "...");
    return used + 3;
}

void put_clean_cut(struct fc_buffer *b, const char *text, int columns)
{
    put_cut(b, text, columns);
}

void put_clean_padded(struct fc_buffer *b, const char *text, int columns)
{
    for (int used = put_cut(b, text, columns); used < columns; used++)
        fc_put_char(b, ' ');
}
