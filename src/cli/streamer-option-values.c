/* streamer-option-values.c: what is written behind an option
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <glib/gi18n-lib.h>

#include "streamer-option-values.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-key.h"

gboolean
streamer_option_values_read_number (const char *option,
                                    const char *text,
                                    guint min,
                                    guint max,
                                    guint *value,
                                    GError **error)
{
  guint64 number = 0;

  if (text == NULL)
    return TRUE;
  if (g_ascii_string_to_unsigned (text, 10, min, max, &number, NULL))
    {
      *value = number;
      return TRUE;
    }
  g_autofree char *shown = streamer_key_display_name (text);
  /* Translators: an option, the least and the greatest number it takes, and what was given */
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
               _ ("The option --%s takes a whole number from %u to %u, not “%s”."), option, min,
               max, shown);
  return FALSE;
}

gboolean
streamer_option_values_read_rate (const char *text, guint64 *rate, GError **error)
{
  static const char units[] = "KMG";
  g_autofree char *digits = NULL;
  const char *unit = NULL;
  guint shift = 0;
  guint64 number;

  if (text == NULL)
    return TRUE;
  digits = g_strdup (text);
  if (*text != '\0')
    unit = strchr (units, g_ascii_toupper (text[strlen (text) - 1]));
  if (unit != NULL)
    {
      digits[strlen (digits) - 1] = '\0';
      shift = 10 * (unit - units + 1);
    }
  if (g_ascii_string_to_unsigned (digits, 10, 1, G_MAXINT64 >> shift, &number, NULL))
    {
      *rate = number << shift;
      return TRUE;
    }
  g_autofree char *shown = streamer_key_display_name (text);
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
               _ ("The option --limit-rate takes bytes per second, from 1, as a whole number that "
                  "may end with K, M or G, not “%s”."),
               shown);
  return FALSE;
}

gboolean
streamer_option_values_read_output (const char *text, StreamerOutput *output, GError **error)
{
  if (text == NULL)
    *output = STREAMER_OUTPUT_LINKS;
  else if (*text == '\0')
    *output = STREAMER_OUTPUT_JSON;
  else if (strcmp (text, "stream") == 0)
    *output = STREAMER_OUTPUT_JSON_STREAM;
  else
    {
      g_autofree char *shown = streamer_key_display_name (text);

      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                   _ ("It is --json or --json=stream, not --json=%s."), shown);
      return FALSE;
    }
  return TRUE;
}

gboolean
streamer_option_values_read_metadata (char **texts, GStrv *metadata, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  *metadata = NULL;
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      const char *equals = strchr (texts[i], '=');
      g_autofree char *name = g_strndup (texts[i], equals != NULL ? equals - texts[i] : 0);
      g_autofree char *shown = NULL;

      if (*name != '\0')
        {
          g_strv_builder_add_many (builder, name, equals + 1, NULL);
          continue;
        }
      shown = streamer_key_display_name (texts[i]);
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                   _ ("The option --metadata takes NAME=VALUE, not “%s”."), shown);
      return FALSE;
    }
  if (texts != NULL)
    *metadata = g_strv_builder_end (builder);
  return TRUE;
}
