/* streamer-scan.c: finds the files of a folder, in a fixed order, and says what is none
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: one worker; blocking file calls. */

#include "streamer-scan.h"

#include <dirent.h>
#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>

#include "streamer-error.h"
#include "streamer-key.h"

typedef struct
{
  dev_t device;
  ino_t inode;
} Folder;

typedef struct
{
  StreamerScanFunc func;
  gpointer user_data;
  GCancellable *cancellable;
  GArray *way; /* (element-type Folder): from the top to where the walk stands */
} Scan;

typedef struct
{
  char *name; /* (owned); a folder's ends with a slash, so that sorting sorts whole paths */
  struct stat info;
  int error; /* of stat(), or 0 */
} Entry;

void
streamer_scanned_free (StreamerScanned *scanned)
{
  g_free (scanned->path);
  g_free (scanned->name);
  g_clear_error (&scanned->error);
  g_free (scanned);
}

static void
entry_clear (gpointer data)
{
  g_free (((Entry *) data)->name);
}

static int
entry_compare (gconstpointer a, gconstpointer b)
{
  return strcmp (((const Entry *) a)->name, ((const Entry *) b)->name);
}

/* @reason: (transfer full) (nullable) */
static void
report (Scan *scan, const char *path, const char *name, guint64 size, char *reason)
{
  StreamerScanned *found = g_new0 (StreamerScanned, 1);

  found->path = g_strdup (path);
  found->name = g_strdup (name);
  found->size = size;
  if (reason != NULL)
    found->error = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_UNREADABLE, reason);
  g_free (reason);
  scan->func (found, scan->user_data);
}

static void
report_errno (Scan *scan, const char *path, const char *name, int code)
{
  g_autofree char *shown = streamer_key_display_name (path);

  report (scan, path, name, 0,
          /* Translators: the first %s is a path, the second the system's reason. */
          g_strdup_printf (_ ("“%s” cannot be read: %s."), shown, g_strerror (code)));
}

static void
report_special (Scan *scan, const char *path, const char *name, mode_t mode)
{
  g_autofree char *shown = streamer_key_display_name (path);
  char *reason;

  if (S_ISFIFO (mode))
    reason = g_strdup_printf (_ ("“%s” is a named pipe, not a file."), shown);
  else if (S_ISSOCK (mode))
    reason = g_strdup_printf (_ ("“%s” is a socket, not a file."), shown);
  else
    reason = g_strdup_printf (_ ("“%s” is a device, not a file."), shown);
  report (scan, path, name, 0, reason);
}

/* Returns: whether the folder may be entered; where not, it has been reported */
static gboolean
check_way (Scan *scan, const char *path, const char *name, const struct stat *info)
{
  g_autofree char *shown = NULL;

  for (guint i = 0; i < scan->way->len; i++)
    {
      const Folder *above = &g_array_index (scan->way, Folder, i);

      if (above->device == info->st_dev && above->inode == info->st_ino)
        {
          shown = streamer_key_display_name (path);
          report (scan, path, name, 0,
                  g_strdup_printf (_ ("“%s” links back to a folder above it."), shown));
          return FALSE;
        }
    }
  if (scan->way->len >= STREAMER_SCAN_MAX_DEPTH)
    {
      shown = streamer_key_display_name (path);
      report (scan, path, name, 0,
              g_strdup_printf (_ ("“%s” lies more than %d folders deep."), shown,
                               STREAMER_SCAN_MAX_DEPTH));
      return FALSE;
    }
  return TRUE;
}

/* Returns: (transfer full) (nullable) (element-type Entry): NULL with errno's value in @code */
static GArray *
read_folder (const char *path, GCancellable *cancellable, int *code)
{
  g_autoptr (GArray) entries = NULL;
  DIR *folder = opendir (path);
  struct dirent *item;

  *code = errno;
  if (folder == NULL)
    return NULL;

  entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  g_array_set_clear_func (entries, entry_clear);
  while (errno = 0, (item = readdir (folder)) != NULL)
    {
      Entry entry = { 0 };

      if (strcmp (item->d_name, ".") == 0 || strcmp (item->d_name, "..") == 0)
        continue;
      if (g_cancellable_is_cancelled (cancellable))
        break;
      if (fstatat (dirfd (folder), item->d_name, &entry.info, 0) != 0)
        entry.error = errno;
      if (entry.error == 0 && S_ISDIR (entry.info.st_mode))
        entry.name = g_strconcat (item->d_name, "/", NULL);
      else
        entry.name = g_strdup (item->d_name);
      g_array_append_val (entries, entry);
    }
  *code = errno;
  closedir (folder);
  if (*code != 0 && !g_cancellable_is_cancelled (cancellable))
    return NULL;
  g_array_sort (entries, entry_compare);
  return g_steal_pointer (&entries);
}

static gboolean walk_folder (Scan *scan,
                             const char *path,
                             const char *name,
                             const struct stat *info,
                             GError **error);

static gboolean
walk (Scan *scan, const char *path, const char *name, const struct stat *info, GError **error)
{
  if (S_ISDIR (info->st_mode))
    return walk_folder (scan, path, name, info, error);
  if (S_ISREG (info->st_mode))
    report (scan, path, name, (guint64) info->st_size, NULL);
  else
    report_special (scan, path, name, info->st_mode);
  return TRUE;
}

static gboolean
walk_folder (Scan *scan,
             const char *path,
             const char *name,
             const struct stat *info,
             GError **error)
{
  Folder here = { .device = info->st_dev, .inode = info->st_ino };
  g_autoptr (GArray) entries = NULL;
  gboolean success = TRUE;
  int code;

  if (!check_way (scan, path, name, info))
    return TRUE;
  entries = read_folder (path, scan->cancellable, &code);
  if (entries == NULL)
    {
      report_errno (scan, path, name, code);
      return TRUE;
    }

  g_array_append_val (scan->way, here);
  for (guint i = 0; i < entries->len && success; i++)
    {
      Entry *entry = &g_array_index (entries, Entry, i);
      g_autofree char *entry_path = NULL;
      g_autofree char *entry_name = NULL;

      if (entry->error == 0 && S_ISDIR (entry->info.st_mode))
        entry->name[strlen (entry->name) - 1] = '\0';
      entry_path = g_build_filename (path, entry->name, NULL);
      entry_name =
          *name != '\0' ? g_strconcat (name, "/", entry->name, NULL) : g_strdup (entry->name);
      if (g_cancellable_set_error_if_cancelled (scan->cancellable, error))
        success = FALSE;
      else if (entry->error != 0)
        report_errno (scan, entry_path, entry_name, entry->error);
      else
        success = walk (scan, entry_path, entry_name, &entry->info, error);
    }
  g_array_set_size (scan->way, scan->way->len - 1);
  return success && !g_cancellable_set_error_if_cancelled (scan->cancellable, error);
}

gboolean
streamer_scan (const char *path,
               StreamerScanFunc func,
               gpointer user_data,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GArray) way = g_array_new (FALSE, FALSE, sizeof (Folder));
  Scan scan = { .func = func, .user_data = user_data, .cancellable = cancellable, .way = way };
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *name = g_path_get_basename (absolute);
  struct stat info;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  /* The root folder has no name of its own to begin with. */
  if (strcmp (name, "/") == 0)
    *name = '\0';
  if (stat (absolute, &info) != 0)
    {
      report_errno (&scan, absolute, name, errno);
      return TRUE;
    }
  return walk (&scan, absolute, name, &info, error);
}
