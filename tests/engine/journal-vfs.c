/* journal-vfs.c: SQLite's way to the disk, with faults
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For power cuts, each file has a copy of what is surely on the disk, and a list of what was
 * written since. A sync carries the list over; one that fails throws it away, as the kernel does,
 * which takes the pages for written from then on. Names and their absence are taken to be on the
 * disk at once.
 */

#include "journal-vfs.h"

#include <string.h>
#include <unistd.h>

/* @bytes: (nullable): NULL for a truncation to @offset */
typedef struct
{
  GBytes *bytes;
  gint64 offset;
} Change;

typedef struct
{
  GByteArray *durable;
  GQueue changes; /* (element-type Change) */
} Disk;

typedef struct
{
  sqlite3_file base;
  Disk *disk; /* (nullable): of a temporary file */
  sqlite3_file *real;
} File;

static GMutex lock;
static sqlite3_vfs *real_vfs;
static GHashTable *disks; /* path to Disk: lock */
static JournalVfsFault fault;
static guint counts[JOURNAL_VFS_ANY + 1];
static guint n_counted;
static guint n_commits;
static gboolean has_failed;

static sqlite3_file *
get_real (sqlite3_file *file)
{
  return ((File *) file)->real;
}

static void
free_change (Change *change)
{
  g_clear_pointer (&change->bytes, g_bytes_unref);
  g_free (change);
}

static void
apply (GByteArray *durable, const Change *change)
{
  gconstpointer data;
  gsize size, old = durable->len;

  if (change->bytes == NULL)
    {
      g_byte_array_set_size (durable, change->offset);
      if (change->offset > (gint64) old)
        memset (durable->data + old, 0, change->offset - old);
      return;
    }
  data = g_bytes_get_data (change->bytes, &size);
  if (change->offset + size > old)
    {
      g_byte_array_set_size (durable, change->offset + size);
      memset (durable->data + old, 0, durable->len - old);
    }
  memcpy (durable->data + change->offset, data, size);
}

static Disk *
find_disk (const char *path)
{
  Disk *disk = g_hash_table_lookup (disks, path);

  if (disk == NULL)
    {
      disk = g_new0 (Disk, 1);
      disk->durable = g_byte_array_new ();
      g_queue_init (&disk->changes);
      g_hash_table_insert (disks, g_strdup (path), disk);
    }
  return disk;
}

static void
record (sqlite3_file *file, gconstpointer data, gsize size, gint64 offset)
{
  Disk *disk = ((File *) file)->disk;
  Change *change;

  if (!fault.cuts_power || disk == NULL)
    return;
  change = g_new0 (Change, 1);
  change->bytes = data ? g_bytes_new (data, size) : NULL;
  change->offset = offset;
  g_queue_push_tail (&disk->changes, change);
}

/* @is_kept: whether the changes reach the disk */
static void
settle (Disk *disk, gboolean is_kept)
{
  Change *change;

  while ((change = g_queue_pop_head (&disk->changes)) != NULL)
    {
      if (is_kept)
        apply (disk->durable, change);
      free_change (change);
    }
}

/* Leaves on the real disk what a power cut would. */
static void
cut_power (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (fault.seed);
  GHashTableIter iter;
  gpointer path, value;

  g_hash_table_iter_init (&iter, disks);
  while (g_hash_table_iter_next (&iter, &path, &value))
    {
      Disk *disk = value;
      Change *change;

      while ((change = g_queue_pop_head (&disk->changes)) != NULL)
        {
          if (fault.seed != 0 && g_rand_boolean (rand))
            apply (disk->durable, change);
          free_change (change);
        }
      if (!g_file_set_contents_full (path, (char *) disk->durable->data, disk->durable->len,
                                     G_FILE_SET_CONTENTS_NONE, 0600, NULL))
        _exit (3);
    }
}

static void
end_process (void)
{
  if (fault.cuts_power)
    cut_power ();
  _exit (9);
}

/* With the lock. Returns: what is to be answered instead of doing it */
static int
count (JournalVfsCall call)
{
  counts[call]++;
  if (call == JOURNAL_VFS_SYNC && counts[call] == fault.bad_sync)
    return SQLITE_IOERR_FSYNC;
  if ((fault.calls & call) == 0 || fault.nth == 0)
    return SQLITE_OK;
  n_counted++;
  if (n_counted != fault.nth && !(fault.for_ever && n_counted > fault.nth))
    return SQLITE_OK;
  has_failed = TRUE;
  return fault.code;
}

/* The header of a frame in the log, of which the last of each transaction has a size. */
static gboolean
is_commit (const guint8 *data, int size, gint64 offset)
{
  return size == 24 && offset >= 32 && (data[4] || data[5] || data[6] || data[7]);
}

static int
file_write (sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  int code = count (JOURNAL_VFS_WRITE);

  n_commits += is_commit (data, size, offset);
  if (code != SQLITE_OK)
    size /= 2;
  get_real (file)->pMethods->xWrite (get_real (file), data, size, offset);
  record (file, data, size, offset);
  if (code != SQLITE_OK && fault.kills)
    end_process ();
  return code;
}

static int
file_truncate (sqlite3_file *file, sqlite3_int64 size)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  int code = count (JOURNAL_VFS_TRUNCATE);

  if (code != SQLITE_OK && fault.kills)
    end_process ();
  if (code != SQLITE_OK)
    return code;
  record (file, NULL, 0, size);
  return get_real (file)->pMethods->xTruncate (get_real (file), size);
}

static int
file_sync (sqlite3_file *file, int flags)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Disk *disk = ((File *) file)->disk;
  int code = count (JOURNAL_VFS_SYNC);

  if (code != SQLITE_OK && code == fault.code && fault.kills)
    end_process ();
  if (disk != NULL)
    settle (disk, code == SQLITE_OK);
  return code;
}

static int
file_close (sqlite3_file *file)
{
  int code = get_real (file)->pMethods->xClose (get_real (file));

  g_clear_pointer (&((File *) file)->real, g_free);
  return code;
}

static int
file_read (sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
  return get_real (file)->pMethods->xRead (get_real (file), data, size, offset);
}

static int
file_size (sqlite3_file *file, sqlite3_int64 *size)
{
  return get_real (file)->pMethods->xFileSize (get_real (file), size);
}

static int
file_lock (sqlite3_file *file, int level)
{
  return get_real (file)->pMethods->xLock (get_real (file), level);
}

static int
file_unlock (sqlite3_file *file, int level)
{
  return get_real (file)->pMethods->xUnlock (get_real (file), level);
}

static int
file_check_lock (sqlite3_file *file, int *is_reserved)
{
  return get_real (file)->pMethods->xCheckReservedLock (get_real (file), is_reserved);
}

static int
file_control (sqlite3_file *file, int op, void *argument)
{
  return get_real (file)->pMethods->xFileControl (get_real (file), op, argument);
}

static int
file_sector_size (sqlite3_file *file)
{
  return get_real (file)->pMethods->xSectorSize (get_real (file));
}

static int
file_characteristics (sqlite3_file *file)
{
  return get_real (file)->pMethods->xDeviceCharacteristics (get_real (file));
}

static int
file_map (sqlite3_file *file, int page, int size, int extend, void volatile **memory)
{
  if (extend)
    {
      g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
      int code = count (JOURNAL_VFS_TRUNCATE);

      if (code != SQLITE_OK && fault.kills)
        end_process ();
      if (code != SQLITE_OK)
        return code;
    }
  return get_real (file)->pMethods->xShmMap (get_real (file), page, size, extend, memory);
}

static int
file_map_lock (sqlite3_file *file, int offset, int n, int flags)
{
  return get_real (file)->pMethods->xShmLock (get_real (file), offset, n, flags);
}

static void
file_map_barrier (sqlite3_file *file)
{
  get_real (file)->pMethods->xShmBarrier (get_real (file));
}

static int
file_unmap (sqlite3_file *file, int delete_it)
{
  return get_real (file)->pMethods->xShmUnmap (get_real (file), delete_it);
}

static const sqlite3_io_methods methods = {
  .iVersion = 2,
  .xClose = file_close,
  .xRead = file_read,
  .xWrite = file_write,
  .xTruncate = file_truncate,
  .xSync = file_sync,
  .xFileSize = file_size,
  .xLock = file_lock,
  .xUnlock = file_unlock,
  .xCheckReservedLock = file_check_lock,
  .xFileControl = file_control,
  .xSectorSize = file_sector_size,
  .xDeviceCharacteristics = file_characteristics,
  .xShmMap = file_map,
  .xShmLock = file_map_lock,
  .xShmBarrier = file_map_barrier,
  .xShmUnmap = file_unmap,
};

static int
vfs_open (sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *file, int flags, int *out)
{
  File *self = (File *) file;
  int code;

  memset (self, 0, sizeof *self);
  self->real = g_malloc0 (real_vfs->szOsFile);
  code = real_vfs->xOpen (real_vfs, path, self->real, flags, out);
  if (code != SQLITE_OK)
    {
      g_clear_pointer (&self->real, g_free);
      return code;
    }
  self->base.pMethods = &methods;
  if (path != NULL)
    {
      g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

      self->disk = find_disk (path);
    }
  return SQLITE_OK;
}

static void
free_disk (gpointer data)
{
  Disk *disk = data;

  settle (disk, FALSE);
  g_byte_array_unref (disk->durable);
  g_free (disk);
}

static int
vfs_delete (sqlite3_vfs *vfs, const char *path, int sync)
{
  int code = real_vfs->xDelete (real_vfs, path, sync);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (code == SQLITE_OK)
    g_hash_table_remove (disks, path);
  return code;
}

void
journal_vfs_install (void)
{
  static sqlite3_vfs vfs;

  real_vfs = sqlite3_vfs_find (NULL);
  disks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_disk);
  vfs = *real_vfs;
  vfs.zName = "faulty";
  vfs.szOsFile = sizeof (File);
  vfs.xOpen = vfs_open;
  vfs.xDelete = vfs_delete;
  g_assert_cmpint (sqlite3_vfs_register (&vfs, TRUE), ==, SQLITE_OK);
}

void
journal_vfs_set_fault (const JournalVfsFault *new_fault)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  fault = new_fault ? *new_fault : (JournalVfsFault){ 0 };
  n_counted = n_commits = 0;
  has_failed = FALSE;
  memset (counts, 0, sizeof counts);
  if (fault.cuts_power)
    g_hash_table_remove_all (disks);
}

gboolean
journal_vfs_has_failed (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  return has_failed;
}

guint
journal_vfs_count (JournalVfsCall call)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  return counts[call];
}

guint
journal_vfs_count_commits (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  return n_commits;
}
