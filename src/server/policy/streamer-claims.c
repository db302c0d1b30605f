/* streamer-claims.c: what an identity provider says, and what it means here
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-claims.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-key.h"

/* How far two clocks may be apart. */
#define LEEWAY_SECONDS 60
#define MAX_SUBJECT    255
#define MAX_VALUES     100

void
streamer_claim_rules_clear (StreamerClaimRules *rules)
{
  g_clear_pointer (&rules->issuer, g_free);
  g_clear_pointer (&rules->audience, g_strfreev);
  g_clear_pointer (&rules->audience_claims, g_strfreev);
  g_clear_pointer (&rules->prefixes_claim, g_free);
  g_clear_pointer (&rules->prefixes, g_strfreev);
  g_clear_pointer (&rules->rights_claim, g_free);
  g_clear_pointer (&rules->rights_prefix, g_free);
}

static gboolean
set_error (GError **error, const char *message)
{
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_AUTH, message);
  return FALSE;
}

/* Seconds since 1970; RFC 7519 allows fractions. */
static gboolean
get_time (JsonObject *claims, const char *name, gdouble *time)
{
  JsonNode *node = json_object_get_member (claims, name);
  GType type = node && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : 0;

  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return FALSE;
  *time = json_node_get_double (node);
  return TRUE;
}

static gboolean
check_times (JsonObject *claims, gint64 now, GError **error)
{
  gdouble expires, begins;

  if (!get_time (claims, "exp", &expires))
    return set_error (error, "The token does not say how long it is valid.");
  if (!(now < expires + LEEWAY_SECONDS))
    return set_error (error, "The token has expired.");
  if (!json_object_has_member (claims, "nbf"))
    return TRUE;
  return (get_time (claims, "nbf", &begins) && begins - LEEWAY_SECONDS <= now) ||
         set_error (error, "The token is not valid yet.");
}

static gboolean
check_issuer (const StreamerClaimRules *rules, JsonObject *claims, GError **error)
{
  return g_strcmp0 (streamer_json_get_string (claims, "iss", NULL), rules->issuer) == 0 ||
         set_error (error, "The token is of another issuer.");
}

/* Returns: (nullable) */
static const char *
get_text (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

/* A text is one value here: an audience may have blanks in it. */
static gboolean
names_one_of (JsonNode *node, char **wanted)
{
  const char *const *names = (const char *const *) wanted;

  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          const char *text = get_text (json_array_get_element (array, i));

          if (text && g_strv_contains (names, text))
            return TRUE;
        }
      return FALSE;
    }
  return get_text (node) && g_strv_contains (names, get_text (node));
}

static gboolean
check_audience (const StreamerClaimRules *rules, JsonObject *claims, GError **error)
{
  for (gsize i = 0; rules->audience_claims[i]; i++)
    {
      JsonNode *node = json_object_get_member (claims, rules->audience_claims[i]);

      if (node)
        return names_one_of (node, rules->audience) ||
               set_error (error, "The token is not for this server.");
    }
  return set_error (error, "The token is not for this server.");
}

gboolean
streamer_claims_check (const StreamerClaimRules *rules,
                       JsonObject *claims,
                       gint64 now,
                       GError **error)
{
  return check_issuer (rules, claims, error) && check_audience (rules, claims, error) &&
         check_times (claims, now, error);
}

/* Returns: (transfer full) (element-type utf8) */
static GPtrArray *
get_values (JsonObject *claims, const char *name)
{
  GPtrArray *values = g_ptr_array_new_with_free_func (g_free);
  JsonNode *node = json_object_get_member (claims, name);

  if (node && JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < MIN (json_array_get_length (array), MAX_VALUES); i++)
        {
          const char *text = get_text (json_array_get_element (array, i));

          if (text)
            g_ptr_array_add (values, g_strdup (text));
        }
    }
  else if (node && get_text (node))
    {
      g_auto (GStrv) pieces = g_strsplit (get_text (node), " ", -1);

      for (gsize i = 0; pieces[i] && values->len < MAX_VALUES; i++)
        if (*pieces[i])
          g_ptr_array_add (values, g_strdup (pieces[i]));
    }
  return values;
}

static GStrv
get_prefixes (const StreamerClaimRules *rules, JsonObject *claims)
{
  g_autoptr (GStrvBuilder) prefixes = g_strv_builder_new ();
  g_autoptr (GPtrArray) values = NULL;

  if (!rules->prefixes_claim)
    return g_strdupv (rules->prefixes);
  values = get_values (claims, rules->prefixes_claim);
  for (guint i = 0; i < values->len; i++)
    {
      char *text = g_ptr_array_index (values, i);
      g_autofree char *prefix = NULL;

      if (g_str_has_suffix (text, "/"))
        text[strlen (text) - 1] = '\0';
      prefix = streamer_key_canonicalize (text, -1, NULL);
      if (g_strcmp0 (prefix, text) == 0)
        g_strv_builder_add (prefixes, prefix);
    }
  return g_strv_builder_end (prefixes);
}

static StreamerRights
get_rights (const StreamerClaimRules *rules, JsonObject *claims)
{
  const char *before = rules->rights_prefix ? rules->rights_prefix : "";
  g_autoptr (GPtrArray) values = NULL;
  StreamerRights rights = 0, right;

  if (!rules->rights_claim)
    return rules->rights;
  values = get_values (claims, rules->rights_claim);
  for (guint i = 0; i < values->len; i++)
    {
      const char *text = g_ptr_array_index (values, i);

      if (g_str_has_prefix (text, before) && streamer_right_parse (text + strlen (before), &right))
        rights |= right;
    }
  return rights;
}

static gboolean
is_subject (const char *text)
{
  if (!text || *text == '\0' || strlen (text) > MAX_SUBJECT)
    return FALSE;
  for (; *text; text = g_utf8_next_char (text))
    if (g_unichar_iscntrl (g_utf8_get_char (text)))
      return FALSE;
  return TRUE;
}

StreamerPrincipal *
streamer_claims_get_principal (const StreamerClaimRules *rules, JsonObject *claims, GError **error)
{
  const char *subject = streamer_json_get_string (claims, "sub", NULL);
  g_auto (GStrv) prefixes = NULL;
  g_autofree char *name = NULL;

  if (!is_subject (subject))
    {
      set_error (error, "The token does not say whose it is.");
      return NULL;
    }
  prefixes = get_prefixes (rules, claims);
  if (!*prefixes)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN,
                           "This token gives access to no folder.");
      return NULL;
    }
  name = g_strconcat (rules->issuer, "|", subject, NULL);
  return streamer_principal_new (name, (const char *const *) prefixes, get_rights (rules, claims),
                                 &rules->allowance);
}
