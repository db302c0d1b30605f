/* streamer-words.c: the other side's words, made fit to be shown
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-words.h"

#include <glib/gi18n-lib.h>

#include "streamer-key.h"

/* Shorter ones would only punch holes into ordinary words. */
#define MIN_SECRET_BYTES 4

char *
streamer_words_show (const char *text, const char *const *secrets, guint n_secrets)
{
  g_autoptr (GString) words = NULL;
  g_autofree char *shown = NULL;

  if (text == NULL)
    return g_strdup ("");

  words = g_string_new (text);
  for (guint i = 0; i < n_secrets; i++)
    if (secrets[i] != NULL && strlen (secrets[i]) >= MIN_SECRET_BYTES)
      g_string_replace (words, secrets[i], "…", 0);

  shown = streamer_key_display_name (g_strstrip (words->str));
  if (g_utf8_strlen (shown, -1) <= STREAMER_WORDS_MAX_CHARS)
    return g_steal_pointer (&shown);

  *g_utf8_offset_to_pointer (shown, STREAMER_WORDS_MAX_CHARS) = '\0';
  return g_strconcat (shown, "…", NULL);
}

char *
streamer_words_join (const char *sentence, const char *words)
{
  g_return_val_if_fail (sentence != NULL, NULL);

  if (words == NULL || *words == '\0')
    return g_strdup (sentence);
  /* Translators: a sentence of this program, then what the server said, in the server's language. */
  return g_strdup_printf (_ ("%s The server says: %s"), sentence, words);
}
