/* streamer-add-principal.c: adds somebody to the configuration file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-add-principal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streamer-config-file.h"
#include "streamer-config-values.h"
#include "streamer-error.h"
#include "streamer-secret-file.h"
#include "streamer-server-config.h"
#include "streamer-token-hash.h"

static gboolean G_GNUC_PRINTF (3, 4)
    fail (GError **error, StreamerError code, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error, g_error_new_valist (STREAMER_ERROR, code, format, arguments));
  va_end (arguments);
  return FALSE;
}

/* Returns: (transfer full) (nullable): as they are written: with a slash at their ends */
static GStrv
check_prefixes (const char *const *prefixes, GError **error)
{
  g_autoptr (GStrvBuilder) checked = g_strv_builder_new ();

  for (gsize i = 0; prefixes[i]; i++)
    {
      g_autofree char *prefix = NULL, *written = NULL;

      if (!streamer_config_parse_prefix (prefixes[i], &prefix))
        {
          fail (error, STREAMER_ERROR_INVALID,
                "“%s” is no folder such as team-a/ or public/in/; / alone is everything.",
                prefixes[i]);
          return NULL;
        }
      written = g_strconcat (prefix, "/", NULL);
      g_strv_builder_add (checked, written);
    }
  return g_strv_builder_end (checked);
}

static gboolean
check_rights (const char *const *rights, GError **error)
{
  StreamerRights right;

  for (gsize i = 0; rights[i]; i++)
    if (!streamer_right_parse (rights[i], &right))
      return fail (error, STREAMER_ERROR_INVALID,
                   "“%s” is no right: there are create, overwrite, remove and link.", rights[i]);
  return TRUE;
}

/* Returns: (transfer full): the text, with blanks around the signs as people write them */
static char *
space_out (GKeyFile *key_file)
{
  g_autofree char *text = g_key_file_to_data (key_file, NULL, NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (gsize i = 0; lines[i]; i++)
    {
      g_auto (GStrv) pair = *lines[i] == '[' ? NULL : g_strsplit (lines[i], "=", 2);

      if (!pair || !pair[0] || !pair[1])
        continue;
      g_free (lines[i]);
      lines[i] = g_strjoin (" = ", pair[0], pair[1], NULL);
    }
  return g_strjoinv ("\n", lines);
}

/* Returns: (transfer full) (nullable): the section, as text */
static char *
make_section (const char *section,
              const char *const *prefixes,
              const char *const *rights,
              const char *quota,
              const char *token,
              GError **error)
{
  g_autoptr (GKeyFile) key_file = g_key_file_new ();
  g_auto (GStrv) checked = check_prefixes (prefixes, error);
  g_autofree char *hash_text = NULL;
  StreamerTokenHash hash;
  guint64 size;

  if (!checked || !check_rights (rights, error))
    return NULL;
  if (quota && !streamer_config_parse_size (quota, &size))
    {
      fail (error, STREAMER_ERROR_INVALID,
            "The quota has to be a number of bytes, such as 500M or 100G.");
      return NULL;
    }
  streamer_token_hash_compute (token, &hash);
  hash_text = streamer_token_hash_to_string (&hash);
  g_key_file_set_string (key_file, section, "token-sha256", hash_text);
  g_key_file_set_string_list (key_file, section, "prefixes", (const char *const *) checked,
                              g_strv_length (checked));
  g_key_file_set_string_list (key_file, section, "rights", rights,
                              g_strv_length ((char **) rights));
  if (quota)
    g_key_file_set_string (key_file, section, "quota", quota);
  return space_out (key_file);
}

/* Whoever replaces the file holds a lock on the one that is replaced: behind the wait, it may be
 * another one that has the name. Returns: a descriptor that holds the lock, or -1 */
static int
lock_file (const char *path, struct stat *status, GError **error)
{
  struct stat named;

  for (;;)
    {
      int file = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);

      if (file >= 0 && flock (file, LOCK_EX) == 0 && fstat (file, status) == 0 &&
          stat (path, &named) == 0)
        {
          if (named.st_ino == status->st_ino && named.st_dev == status->st_dev)
            return file;
          close (file);
          continue;
        }
      fail (error, STREAMER_ERROR_FAILED, "The file “%s” cannot be changed: %s", path,
            g_strerror (errno));
      if (file >= 0)
        close (file);
      return -1;
    }
}

/* A file in which lines are no lines would not be the one that was meant. What stands in it may
 * otherwise be wrong: that is for --check. */
static gboolean
check_file (const char *path, const char *section, const char *name, GError **error)
{
  g_autoptr (GPtrArray) findings = streamer_findings_new ();
  g_autoptr (StreamerConfigFile) file = streamer_config_file_load (path, findings);

  for (guint i = 0; i < findings->len; i++)
    {
      const StreamerFinding *finding = g_ptr_array_index (findings, i);
      g_autofree char *text = streamer_finding_to_string (finding, path);

      /* A mode that is wrong becomes right with the new file. */
      if (!file || finding->line > 0)
        return fail (error, STREAMER_ERROR_FAILED, "%s", text);
    }
  return !streamer_config_file_has_section (file, section) ||
         fail (error, STREAMER_ERROR_EXISTS, "%s is in “%s” already.", name, path);
}

static gboolean
write_all (int file, const char *text, gsize length)
{
  while (length > 0)
    {
      gssize n = write (file, text, length);

      if (n < 0 && errno != EINTR)
        return FALSE;
      if (n > 0)
        {
          text += n;
          length -= n;
        }
    }
  return TRUE;
}

/* Whoever let a group read it goes on doing so; who let everybody read it did not mean it. */
static mode_t
get_mode (const struct stat *status)
{
  return streamer_secret_file_check_mode (status->st_uid, status->st_mode)
             ? 0600
             : (status->st_mode & 0640);
}

/* @status: of the file that is replaced */
static gboolean
replace_file (const char *path,
              const char *text,
              gsize length,
              const struct stat *status,
              GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *fresh = g_strconcat (path, ".XXXXXX", NULL);
  int file = g_mkstemp_full (fresh, O_WRONLY | O_CLOEXEC, 0600);
  int parent;
  gboolean good;

  if (file < 0)
    return fail (error, STREAMER_ERROR_FAILED, "The folder of “%s” cannot be written: %s", path,
                 g_strerror (errno));
  good = write_all (file, text, length);
  /* Only root can give a file away; for everybody else it is the same owner, and perhaps group. */
  if (good && (status->st_uid != geteuid () || status->st_gid != getegid ()))
    good = fchown (file, status->st_uid, status->st_gid) == 0;
  good = good && fchmod (file, get_mode (status)) == 0 && fsync (file) == 0;
  good = close (file) == 0 && good && g_rename (fresh, path) == 0;
  if (!good)
    {
      fail (error, STREAMER_ERROR_FAILED, "The file “%s” cannot be replaced: %s", path,
            g_strerror (errno));
      g_unlink (fresh);
      return FALSE;
    }
  parent = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (parent >= 0)
    {
      fsync (parent);
      close (parent);
    }
  return TRUE;
}

static gboolean
append_section (const char *path, const char *text, const struct stat *status, GError **error)
{
  g_autoptr (GString) content = g_string_new (NULL);
  g_autofree char *before = NULL;
  gsize length;

  if (!g_file_get_contents (path, &before, &length, error))
    return FALSE;
  g_string_append_len (content, before, length);
  if (length > 0 && before[length - 1] != '\n')
    g_string_append_c (content, '\n');
  if (length > 0)
    g_string_append_c (content, '\n');
  g_string_append (content, text);
  return replace_file (path, content->str, content->len, status, error);
}

gboolean
streamer_add_principal (const char *path,
                        const char *name,
                        const char *const *prefixes,
                        const char *const *rights,
                        const char *quota,
                        char **token,
                        GError **error)
{
  g_autofree char *section = g_strconcat ("principal ", name, NULL);
  g_autofree char *fresh_token = streamer_token_new ();
  g_autofree char *text = NULL;
  g_autofree char *real_path = realpath (path, NULL);
  struct stat status;
  gboolean good;
  int lock;

  if (!streamer_server_config_is_principal_name (name))
    return fail (error, STREAMER_ERROR_INVALID,
                 "A name may have 64 letters, digits, “.”, “_”, “@” and “-”.");
  if (!real_path)
    return fail (error, STREAMER_ERROR_FAILED, "The file “%s” cannot be read: %s", path,
                 g_strerror (errno));
  text = make_section (section, prefixes, rights, quota, fresh_token, error);
  if (!text || (lock = lock_file (real_path, &status, error)) < 0)
    return FALSE;
  good = check_file (real_path, section, name, error) &&
         append_section (real_path, text, &status, error);
  close (lock);
  if (good)
    *token = g_steal_pointer (&fresh_token);
  return good;
}
