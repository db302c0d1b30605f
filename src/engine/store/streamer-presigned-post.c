/* streamer-presigned-post.c: permission to post one object as a form, read strictly
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-config.h"
#include "streamer-presigned-post.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-python-literal.h"
#include "streamer-url.h"

#define MAX_FIELDS      64
#define MAX_NAME_BYTES  256
#define MAX_VALUE_BYTES 65536

/* Returns: (transfer full) (nullable): the object, out of whatever it is wrapped in */
static JsonNode *
unwrap (JsonNode *status)
{
  g_autoptr (JsonNode) inner = NULL;
  const char *text;

  if (JSON_NODE_HOLDS_OBJECT (status))
    return json_node_ref (status);
  if (json_node_get_value_type (status) != G_TYPE_STRING)
    return NULL;

  text = json_node_get_string (status);
  inner = streamer_python_literal_parse (text, strlen (text), NULL);
  if (inner == NULL)
    inner = streamer_json_parse (text, strlen (text), NULL);
  return inner != NULL && JSON_NODE_HOLDS_OBJECT (inner) ? g_steal_pointer (&inner) : NULL;
}

static gboolean
is_field_name (const char *name)
{
  if (*name == '\0' || strlen (name) > MAX_NAME_BYTES || g_ascii_strcasecmp (name, "file") == 0)
    return FALSE;
  for (const char *c = name; *c != '\0'; c++)
    if (!g_ascii_isgraph (*c) || *c == '"' || *c == '\\')
      return FALSE;
  return TRUE;
}

static gboolean
is_key (const char *value, const char *key)
{
  if (g_str_has_suffix (key, "/"))
    return g_str_has_prefix (value, key) && strlen (value) > strlen (key);
  return g_str_equal (value, key);
}

/* Returns: (transfer full) (nullable): name, value, …, NULL */
static char **
read_fields (JsonObject *object, const char *key)
{
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
  gboolean has_key = FALSE;
  JsonObjectIter iter;
  const char *name;

  if (json_object_get_size (object) > MAX_FIELDS)
    return NULL;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    {
      const char *value = streamer_json_get_string (object, name, NULL);

      if (value == NULL || strlen (value) > MAX_VALUE_BYTES || !is_field_name (name))
        return NULL;
      if (g_str_equal (name, "key"))
        has_key = is_key (value, key);
      g_ptr_array_add (fields, g_strdup (name));
      g_ptr_array_add (fields, g_strdup (value));
    }
  if (!has_key)
    return NULL;

  g_ptr_array_add (fields, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&fields), FALSE);
}

gboolean
streamer_presigned_post_parse (StreamerPresignedPost *post,
                               JsonNode *status,
                               const char *key,
                               GError **error)
{
  g_autoptr (JsonNode) root = unwrap (status);
  JsonObject *object = root == NULL ? NULL : json_node_get_object (root);
  JsonObject *fields = object == NULL ? NULL : streamer_json_get_object (object, "fields", NULL);
  const char *url = object == NULL ? NULL : streamer_json_get_string (object, "url", NULL);

  if (url != NULL && streamer_url_is_usable (url) && fields != NULL)
    post->fields = read_fields (fields, key);
  if (post->fields == NULL)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                           _ ("The server names a place to send to that cannot be used."));
      return FALSE;
    }
  post->url = g_strdup (url);
  return TRUE;
}

void
streamer_presigned_post_clear (StreamerPresignedPost *post)
{
  g_clear_pointer (&post->url, g_free);
  g_clear_pointer (&post->fields, g_strfreev);
}
