/* streamer-gateway-claims.c: claims that API Gateway made texts of
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-gateway-claims.h"

#include <string.h>

#include "streamer-json.h"

/* The longest number of seconds that a double tells exactly. */
#define MAX_SECONDS_LENGTH 20

/* Java's Date.toString(); a year beyond 9999 has no such token. */
static gboolean
parse_date (const char *text, gint64 *seconds)
{
  static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
  static const char pattern[] = "^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([0-9]{2}) "
                                "([0-9]{2}):([0-9]{2}):([0-9]{2}) (?:UTC|GMT) ([0-9]{4})$";
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_DOLLAR_ENDONLY, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GDateTime) date = NULL;
  g_auto (GStrv) fields = NULL;

  if (!g_regex_match (regex, text, 0, &match))
    return FALSE;
  fields = g_match_info_fetch_all (match);
  for (int month = 0; month < 12 && !date; month++)
    if (strcmp (months[month], fields[1]) == 0)
      date = g_date_time_new_utc (atoi (fields[6]), month + 1, atoi (fields[2]), atoi (fields[3]),
                                  atoi (fields[4]), atoi (fields[5]));
  if (date)
    *seconds = g_date_time_to_unix (date);
  return date != NULL;
}

static gboolean
parse_seconds (const char *text, gint64 *seconds)
{
  double number;
  char *end;

  if (!g_ascii_isdigit (*text) || strlen (text) > MAX_SECONDS_LENGTH ||
      strspn (text, "0123456789.e+") != strlen (text))
    return FALSE;
  number = g_ascii_strtod (text, &end);
  if (*end != '\0' || !(number >= 0 && number < 1e15))
    return FALSE;
  *seconds = number;
  return TRUE;
}

static gboolean
copy_time (JsonObject *target, JsonObject *claims, const char *name)
{
  const char *text = streamer_json_get_string (claims, name, NULL);
  gint64 seconds;

  if (!text || (!parse_seconds (text, &seconds) && !parse_date (text, &seconds)))
    return FALSE;
  json_object_set_int_member (target, name, seconds);
  return TRUE;
}

/* Returns: (transfer full) (nullable): NULL where an element is empty, or is itself a list */
static JsonArray *
split (const char *text, gsize length, char separator)
{
  const char separators[] = { separator, '\0' };
  g_autofree char *list = g_strndup (text, length);
  g_auto (GStrv) pieces = g_strsplit (list, separators, -1);
  g_autoptr (JsonArray) array = json_array_new ();

  for (gsize i = 0; pieces[i]; i++)
    {
      if (*pieces[i] == '\0' || strpbrk (pieces[i], " ,[]"))
        return NULL;
      json_array_add_string_element (array, pieces[i]);
    }
  return g_steal_pointer (&array);
}

/* @is_scalar: a text may also be one value, with blanks and commas in it */
static void
copy_list (JsonObject *target, JsonObject *claims, const char *name, gboolean is_scalar)
{
  const char *text = streamer_json_get_string (claims, name, NULL);
  gsize length = text ? strlen (text) : 0;
  JsonArray *array;

  if (length == 0)
    return;
  if (*text == '[')
    array = length > 2 && text[length - 1] == ']' ? split (text + 1, length - 2, ' ') : NULL;
  else if (is_scalar)
    {
      json_object_set_string_member (target, name, text);
      return;
    }
  else
    array = split (text, length, strchr (text, ',') ? ',' : ' ');
  if (array)
    json_object_set_array_member (target, name, array);
}

static void
copy_text (JsonObject *target, JsonObject *claims, const char *name)
{
  const char *text = streamer_json_get_string (claims, name, NULL);

  if (text)
    json_object_set_string_member (target, name, text);
}

JsonObject *
streamer_gateway_claims_read (const StreamerClaimRules *rules, JsonObject *claims)
{
  JsonObject *target = json_object_new ();

  copy_text (target, claims, "iss");
  copy_text (target, claims, "sub");
  copy_time (target, claims, "exp");
  /* One that cannot be read is as bad as one that lies ahead. */
  if (json_object_has_member (claims, "nbf") && !copy_time (target, claims, "nbf"))
    json_object_set_null_member (target, "nbf");
  for (gsize i = 0; rules->audience_claims[i]; i++)
    if (json_object_has_member (claims, rules->audience_claims[i]))
      {
        json_object_set_null_member (target, rules->audience_claims[i]);
        copy_list (target, claims, rules->audience_claims[i], TRUE);
      }
  if (rules->prefixes_claim)
    copy_list (target, claims, rules->prefixes_claim, FALSE);
  if (rules->rights_claim)
    copy_list (target, claims, rules->rights_claim, FALSE);
  return target;
}
