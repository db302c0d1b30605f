/* streamer-s3-profile.c: keys and regions in the files that all of Amazon's tools share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-s3-profile.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "streamer-error.h"
#include "streamer-s3-credentials.h"

#define MAX_FILE_BYTES 1048576

void
streamer_s3_profile_clear (StreamerS3Profile *profile)
{
  g_clear_pointer (&profile->access_key, g_free);
  g_clear_pointer (&profile->secret_key, streamer_s3_secret_free);
  g_clear_pointer (&profile->session_token, streamer_s3_secret_free);
  g_clear_pointer (&profile->region, g_free);
}

static char *
get_path (const char *variable, const char *name)
{
  const char *path = g_getenv (variable);

  if (path == NULL || *path == '\0')
    return g_build_filename (g_get_home_dir (), ".aws", name, NULL);
  if (g_str_has_prefix (path, "~/"))
    return g_build_filename (g_get_home_dir (), path + 2, NULL);
  return g_strdup (path);
}

/* Ends @text where a comment begins behind a blank. */
static void
cut_comment (char *text)
{
  for (char *c = text; *c != '\0'; c++)
    if ((*c == '#' || *c == ';') && c > text && g_ascii_isspace (c[-1]))
      {
        *c = '\0';
        return;
      }
}

/* [name], in the config file [profile name] but for the default one. */
static gboolean
is_section (char *line, const char *name, gboolean is_config)
{
  char *section = line + 1;
  char *end = strchr (section, ']');
  gsize length;

  if (end == NULL)
    return FALSE;
  *end = '\0';
  g_strstrip (section);
  if (is_config && !g_str_equal (section, "default"))
    {
      if (!g_str_has_prefix (section, "profile") || !g_ascii_isspace (section[strlen ("profile")]))
        return FALSE;
      section = g_strstrip (section + strlen ("profile"));
    }
  length = strlen (section);
  if (length >= 2 && section[0] == '"' && section[length - 1] == '"')
    {
      section[length - 1] = '\0';
      section++;
    }
  return g_str_equal (section, name);
}

static void
take (char **field, const char *value)
{
  if (*value == '\0')
    return;
  streamer_s3_secret_free (*field);
  *field = g_strdup (value);
}

static void
read_property (StreamerS3Profile *found, char *line)
{
  char *equals = strchr (line, '=');
  g_autofree char *name = NULL;
  char *value;

  if (equals == NULL)
    return;
  *equals = '\0';
  name = g_ascii_strdown (g_strstrip (line), -1);
  value = equals + 1;
  cut_comment (value);
  value = g_strstrip (value);
  if (g_str_equal (name, "aws_access_key_id"))
    take (&found->access_key, value);
  else if (g_str_equal (name, "aws_secret_access_key"))
    take (&found->secret_key, value);
  else if (g_str_equal (name, "aws_session_token"))
    take (&found->session_token, value);
  else if (g_str_equal (name, "region"))
    take (&found->region, value);
}

/* @text is taken apart. */
static void
parse (StreamerS3Profile *found, char *text, const char *name, gboolean is_config)
{
  gboolean inside = FALSE;
  char *next;

  for (char *line = text; line != NULL; line = next)
    {
      next = strchr (line, '\n');
      if (next != NULL)
        *next++ = '\0';
      /* What is indented belongs to the property above it. */
      if (*line == '#' || *line == ';' || *line == ' ' || *line == '\t')
        continue;
      if (*line == '[')
        {
          inside = is_section (line, name, is_config);
          found->found |= inside;
        }
      else if (inside)
        read_property (found, line);
    }
}

static gboolean
load_file (StreamerS3Profile *profile,
           const char *path,
           const char *name,
           gboolean is_config,
           GError **error)
{
  g_auto (StreamerS3Profile) found = { 0 };
  g_autoptr (GError) local_error = NULL;
  char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, &local_error))
    {
      if (g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_NOENT) ||
          g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR))
        return TRUE;
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_AUTH,
                   /* Translators: what the system says, with the file's name in it */
                   _ ("The file with the keys cannot be read (%s)."), local_error->message);
      return FALSE;
    }
  if (length <= MAX_FILE_BYTES && memchr (text, '\0', length) == NULL)
    parse (&found, text, name, is_config);
  gnutls_memset (text, 0, length);
  g_free (text);

  profile->found |= found.found;
  if (profile->region == NULL)
    profile->region = g_steal_pointer (&found.region);
  if (profile->access_key == NULL && profile->secret_key == NULL)
    {
      profile->access_key = g_steal_pointer (&found.access_key);
      profile->secret_key = g_steal_pointer (&found.secret_key);
      profile->session_token = g_steal_pointer (&found.session_token);
    }
  return TRUE;
}

gboolean
streamer_s3_profile_load (StreamerS3Profile *profile, const char *name, GError **error)
{
  g_autofree char *credentials = get_path ("AWS_SHARED_CREDENTIALS_FILE", "credentials");
  g_autofree char *config = get_path ("AWS_CONFIG_FILE", "config");

  g_return_val_if_fail (name != NULL, FALSE);

  *profile = (StreamerS3Profile){ 0 };
  return load_file (profile, credentials, name, FALSE, error) &&
         load_file (profile, config, name, TRUE, error);
}
