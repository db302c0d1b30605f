/* streamer-words.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of the other side's words, so many characters are shown. */
#define STREAMER_WORDS_MAX_CHARS 300

/**
 * streamer_words_show:
 * @text: (nullable): what the other side said; any bytes
 * @secrets: (nullable): what must not be shown even if the other side repeats it; NULLs in it are
 *   skipped
 * @n_secrets: how many
 *
 * Returns: (transfer full): the words for the eye, bounded, with control characters escaped; ""
 *   for none
 */
char *streamer_words_show (const char *text, const char *const *secrets, guint n_secrets);

/**
 * streamer_words_join:
 * @sentence: ours
 * @words: (nullable): theirs, as streamer_words_show() gave them
 *
 * Returns: (transfer full): our sentence, and behind it theirs where there are any
 */
char *streamer_words_join (const char *sentence, const char *words);

G_END_DECLS
