/* streamer-config-values.c: values of the configuration file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is found wrong is said without the value where it could be a secret that stands in the wrong
 * place.
 */

#include "streamer-config-values.h"

#include <string.h>

#include "streamer-key.h"

/* Requests of this many seconds may come at once, where nothing else is said. */
#define BURST_SECONDS 10
#define MAX_RATE      1000000

void
streamer_config_get_boolean (StreamerConfigFile *file,
                             const char *section,
                             const char *key,
                             gboolean *value)
{
  static const char *const names[] = { "no", "yes", "false", "true", NULL };
  guint choice;

  if (streamer_config_get_choice (file, section, key, names, &choice))
    *value = choice % 2 == 1;
}

void
streamer_config_get_count (StreamerConfigFile *file,
                           const char *section,
                           const char *key,
                           guint min,
                           guint max,
                           guint *value)
{
  g_autofree char *text = streamer_config_file_get_text (file, section, key);
  guint64 number;

  if (!text)
    return;
  if (g_ascii_isdigit (*text) && g_ascii_string_to_unsigned (text, 10, min, max, &number, NULL))
    *value = number;
  else
    streamer_config_file_report (file, section, key,
                                 "The value has to be a whole number from %u to %u.", min, max);
}

gboolean
streamer_config_parse_size (const char *text, guint64 *size)
{
  static const char units[] = "KMGT";
  gsize length = strlen (text);
  const char *unit = length > 0 ? strchr (units, text[length - 1]) : NULL;
  g_autofree char *digits = g_strndup (text, unit ? length - 1 : length);
  guint shift = unit ? 10 * (unit - units + 1) : 0;

  if (!g_ascii_isdigit (*digits) ||
      !g_ascii_string_to_unsigned (digits, 10, 1, (guint64) G_MAXINT64 >> shift, size, NULL))
    return FALSE;
  *size <<= shift;
  return TRUE;
}

void
streamer_config_get_size (StreamerConfigFile *file,
                          const char *section,
                          const char *key,
                          guint64 *value)
{
  g_autofree char *text = streamer_config_file_get_text (file, section, key);

  if (text && !streamer_config_parse_size (text, value))
    streamer_config_file_report (file, section, key,
                                 "The value has to be a number of bytes, such as 500M or 100G.");
}

void
streamer_config_get_allowance (StreamerConfigFile *file,
                               const char *section,
                               StreamerAllowance *allowance)
{
  guint rate = 0;

  streamer_config_get_size (file, section, "quota", &allowance->quota);
  streamer_config_get_count (file, section, "open-uploads", 1, G_MAXINT, &allowance->open_uploads);
  streamer_config_get_count (file, section, "rate", 1, MAX_RATE, &rate);
  if (rate > 0)
    {
      allowance->rate = rate;
      allowance->burst = rate * BURST_SECONDS;
    }
  streamer_config_get_count (file, section, "burst", 1, MAX_RATE * BURST_SECONDS,
                             &allowance->burst);
}

gboolean
streamer_config_get_choice (StreamerConfigFile *file,
                            const char *section,
                            const char *key,
                            const char *const *names,
                            guint *value)
{
  g_autofree char *text = streamer_config_file_get_text (file, section, key);
  g_autofree char *all = NULL;

  if (!text)
    return FALSE;
  for (guint i = 0; names[i]; i++)
    if (strcmp (text, names[i]) == 0)
      {
        *value = i;
        return TRUE;
      }
  all = g_strjoinv (", ", (char **) names);
  streamer_config_file_report (file, section, key, "The value has to be one of: %s.", all);
  return FALSE;
}

gboolean
streamer_config_parse_prefix (const char *text, char **prefix)
{
  g_autofree char *bare = g_strdup (text);

  *prefix = NULL;
  /* A list has blanks between its elements. */
  if (*text == ' ')
    return FALSE;
  if (strcmp (text, "/") == 0)
    *prefix = g_strdup ("");
  else
    {
      if (g_str_has_suffix (bare, "/"))
        bare[strlen (bare) - 1] = '\0';
      *prefix = streamer_key_canonicalize (bare, -1, NULL);
      if (g_strcmp0 (*prefix, bare) != 0)
        g_clear_pointer (prefix, g_free);
    }
  return *prefix != NULL;
}

GStrv
streamer_config_get_prefixes (StreamerConfigFile *file, const char *section, const char *key)
{
  g_auto (GStrv) texts = streamer_config_file_get_list (file, section, key);
  g_autoptr (GStrvBuilder) prefixes = NULL;

  if (!texts)
    return NULL;
  prefixes = g_strv_builder_new ();
  for (gsize i = 0; texts[i]; i++)
    {
      g_autofree char *prefix = NULL;

      if (streamer_config_parse_prefix (texts[i], &prefix))
        g_strv_builder_add (prefixes, prefix);
      else
        streamer_config_file_report (file, section, key,
                                     "“%s” is no folder such as team-a/ or public/in/; / alone "
                                     "is everything.",
                                     texts[i]);
    }
  return g_strv_builder_end (prefixes);
}

gboolean
streamer_config_get_rights (StreamerConfigFile *file,
                            const char *section,
                            const char *key,
                            StreamerRights *rights)
{
  g_auto (GStrv) names = streamer_config_file_get_list (file, section, key);
  StreamerRights right;

  *rights = 0;
  for (gsize i = 0; names && names[i]; i++)
    if (streamer_right_parse (names[i], &right))
      *rights |= right;
    else
      streamer_config_file_report (
          file, section, key, "“%s” is no right: there are create, overwrite, remove and link.",
          names[i]);
  return names != NULL;
}

GArray *
streamer_config_get_hashes (StreamerConfigFile *file, const char *section, const char *key)
{
  GArray *hashes = g_array_new (FALSE, FALSE, sizeof (StreamerTokenHash));
  g_auto (GStrv) texts = streamer_config_file_get_list (file, section, key);

  for (gsize i = 0; texts && texts[i]; i++)
    {
      StreamerTokenHash hash;

      if (streamer_token_hash_parse (texts[i], &hash))
        g_array_append_val (hashes, hash);
      else
        streamer_config_file_report (file, section, key,
                                     "A SHA-256 has 64 hex digits: it is not the token itself.");
    }
  return hashes;
}
