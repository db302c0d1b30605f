/* streamer-config-file.c: a key file, and where everything stands in it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GKeyFile reads the values, but knows no lines, stops at the first mistake, and lets the last of
 * two values win in silence. So the lines are looked at here first, and those that are wrong are
 * found and blanked out.
 */

#include "streamer-config-file.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-key.h"
#include "streamer-secret-file.h"

#define MAX_FILE 4194304

#define BAD_ESCAPE "The value has a \\ that means nothing."

struct _StreamerConfigFile
{
  GKeyFile *key_file;    /* (owned) */
  GPtrArray *findings;   /* (not owned) */
  GPtrArray *sections;   /* (owned) (element-type utf8): NULL at the end */
  GHashTable *lines;     /* (owned): place to number of its line */
  GHashTable *asked_for; /* (owned): places */
  guint last_line;
};

static void
finding_free (gpointer data)
{
  StreamerFinding *finding = data;

  g_free (finding->section);
  g_free (finding->key);
  g_free (finding->message);
  g_free (finding);
}

GPtrArray *
streamer_findings_new (void)
{
  return g_ptr_array_new_with_free_func (finding_free);
}

static int
compare_findings (gconstpointer a, gconstpointer b)
{
  const StreamerFinding *first = *(const StreamerFinding *const *) a;
  const StreamerFinding *second = *(const StreamerFinding *const *) b;

  return first->line < second->line ? -1 : first->line > second->line;
}

void
streamer_findings_sort (GPtrArray *findings)
{
  g_ptr_array_sort (findings, compare_findings);
}

char *
streamer_finding_to_string (const StreamerFinding *finding, const char *path)
{
  g_autoptr (GString) text = g_string_new (path);

  if (finding->line > 0)
    g_string_append_printf (text, ":%u", finding->line);
  g_string_append (text, ": ");
  if (finding->section)
    g_string_append_printf (text, "[%s] ", finding->section);
  if (finding->key)
    g_string_append_printf (text, "%s: ", finding->key);
  g_string_append (text, finding->message);
  /* A value that is repeated in it may have been written with escapes. */
  return streamer_key_display_name (text->str);
}

/* What GKeyFile allows in neither, so that no two places have the same name. */
static char *
make_place (const char *section, const char *key)
{
  return g_strconcat (section, "\n", key, NULL);
}

static void G_GNUC_PRINTF (5, 6) add_finding (GPtrArray *findings,
                                              guint line,
                                              const char *section,
                                              const char *key,
                                              const char *format,
                                              ...)
{
  StreamerFinding *finding = g_new0 (StreamerFinding, 1);
  va_list arguments;

  finding->line = line;
  finding->section = g_strdup (section);
  finding->key = g_strdup (key);
  va_start (arguments, format);
  finding->message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_ptr_array_add (findings, finding);
}

static guint
get_line (StreamerConfigFile *self, const char *section, const char *key)
{
  g_autofree char *place = make_place (section, key ? key : "");
  g_autofree char *section_place = make_place (section, "");
  gpointer line = g_hash_table_lookup (self->lines, place);

  if (!line)
    line = g_hash_table_lookup (self->lines, section_place);
  return line ? GPOINTER_TO_UINT (line) : self->last_line;
}

void
streamer_config_file_report (StreamerConfigFile *self,
                             const char *section,
                             const char *key,
                             const char *format,
                             ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  add_finding (self->findings, get_line (self, section, key), section, key, "%s", message);
}

/* Returns: whether it stands there for the first time */
static gboolean
add_place (StreamerConfigFile *self, const char *section, const char *key, guint line)
{
  char *place = make_place (section, key);
  gpointer first = g_hash_table_lookup (self->lines, place);

  if (!first)
    return g_hash_table_insert (self->lines, place, GUINT_TO_POINTER (line));
  g_free (place);
  add_finding (self->findings, line, section, *key ? key : NULL,
               "This stands on line %u already; write it once.", GPOINTER_TO_UINT (first));
  return FALSE;
}

static gboolean
is_key (const char *text)
{
  for (const char *c = text; *c; c++)
    if (!g_ascii_isalnum (*c) && *c != '-')
      return FALSE;
  return *text != '\0';
}

static gboolean
is_section (const char *line)
{
  gsize length = strlen (line);

  for (const char *c = line; *c; c++)
    if (g_ascii_iscntrl (*c))
      return FALSE;
  return length > 2 && strpbrk (line + 1, "[]") == line + length - 1 && line[length - 1] == ']';
}

/* GKeyFile sets one error over the other where this is not the only mistake. */
static gboolean
ends_with_escape (const char *line)
{
  gsize length = strlen (line), n = 0;

  while (n < length && line[length - n - 1] == '\\')
    n++;
  return n % 2 == 1;
}

/* @section: (inout): in which the line stands. Returns: whether GKeyFile shall see the line */
static gboolean
scan_line (StreamerConfigFile *self, char *line, guint number, char **section)
{
  char *equals = strchr (line, '=');
  gsize length = strlen (line);

  if (*line == '\0' || *line == '#')
    return TRUE;
  if (*line == '[')
    {
      if (!is_section (line))
        {
          add_finding (self->findings, number, NULL, NULL, "This is no name of a section.");
          return FALSE;
        }
      line[length - 1] = '\0';
      if (add_place (self, line + 1, "", number))
        g_ptr_array_insert (self->sections, self->sections->len - 1, g_strdup (line + 1));
      g_free (*section);
      *section = g_strdup (line + 1);
      line[length - 1] = ']';
      return TRUE;
    }
  if (equals)
    {
      g_autofree char *key = g_strchomp (g_strndup (line, equals - line));

      if (is_key (key) && *section)
        {
          if (!add_place (self, *section, key, number))
            return FALSE;
          if (!ends_with_escape (line))
            return TRUE;
          add_finding (self->findings, number, *section, key, BAD_ESCAPE);
          return FALSE;
        }
    }
  add_finding (self->findings, number, *section, NULL,
               *section ? "This is neither a [section], nor KEY = VALUE, nor a # comment."
                        : "This stands in front of the first [section].");
  return FALSE;
}

static void
scan (StreamerConfigFile *self, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) good = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *section = NULL;

  for (guint i = 0; lines[i]; i++)
    {
      g_strstrip (lines[i]);
      self->last_line = i + 1;
      if (!g_utf8_validate (lines[i], -1, NULL))
        add_finding (self->findings, i + 1, section, NULL, "This is not UTF-8.");
      else if (scan_line (self, lines[i], i + 1, &section))
        g_string_append (good, lines[i]);
      g_string_append_c (good, '\n');
    }
  if (self->last_line > 1 && *lines[self->last_line - 1] == '\0')
    self->last_line--;
  if (!g_key_file_load_from_data (self->key_file, good->str, good->len, G_KEY_FILE_NONE, &error))
    add_finding (self->findings, 0, NULL, NULL, "%s", error->message);
}

StreamerConfigFile *
streamer_config_file_parse (const char *text, GPtrArray *findings)
{
  StreamerConfigFile *self = g_new0 (StreamerConfigFile, 1);

  self->findings = findings;
  self->last_line = 1;
  self->key_file = g_key_file_new ();
  self->sections = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->sections, NULL);
  self->lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->asked_for = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  scan (self, text);
  return self;
}

StreamerConfigFile *
streamer_config_file_load (const char *path, GPtrArray *findings)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  const char *wrong_mode;
  gsize length;

  if (!streamer_secret_file_read (path, MAX_FILE, &text, &length, &wrong_mode, &error))
    {
      add_finding (findings, 0, NULL, NULL, "%s", error->message);
      return NULL;
    }
  if (wrong_mode)
    add_finding (findings, 0, NULL, NULL, "%s", wrong_mode);
  if (strlen (text) != length)
    {
      add_finding (findings, 0, NULL, NULL, "There is a NUL in the file.");
      return NULL;
    }
  return streamer_config_file_parse (text, findings);
}

void
streamer_config_file_free (StreamerConfigFile *self)
{
  g_key_file_unref (self->key_file);
  g_ptr_array_unref (self->sections);
  g_hash_table_unref (self->lines);
  g_hash_table_unref (self->asked_for);
  g_free (self);
}

const char *const *
streamer_config_file_get_sections (StreamerConfigFile *self)
{
  return (const char *const *) self->sections->pdata;
}

gboolean
streamer_config_file_has_section (StreamerConfigFile *self, const char *section)
{
  return g_strv_contains (streamer_config_file_get_sections (self), section);
}

void
streamer_config_file_expect_section (StreamerConfigFile *self, const char *section)
{
  g_hash_table_add (self->asked_for, make_place (section, ""));
}

/* Returns: whether there is a value, and it can be read */
static gboolean
check_value (StreamerConfigFile *self, const char *section, const char *key, const GError *error)
{
  g_hash_table_add (self->asked_for, make_place (section, key));
  if (g_error_matches (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE))
    streamer_config_file_report (self, section, key, BAD_ESCAPE);
  return error == NULL;
}

char *
streamer_config_file_get_text (StreamerConfigFile *self, const char *section, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_key_file_get_string (self->key_file, section, key, &error);

  if (!check_value (self, section, key, error))
    return NULL;
  if (*g_strstrip (text))
    return g_steal_pointer (&text);
  streamer_config_file_report (self, section, key, "The value is missing.");
  return NULL;
}

GStrv
streamer_config_file_get_list (StreamerConfigFile *self, const char *section, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) elements = g_key_file_get_string_list (self->key_file, section, key, NULL, &error);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (!check_value (self, section, key, error))
    return NULL;
  for (gsize i = 0; elements[i]; i++)
    if (*g_strstrip (elements[i]))
      g_strv_builder_add (builder, elements[i]);
  g_clear_pointer (&elements, g_strfreev);
  elements = g_strv_builder_end (builder);
  if (*elements)
    return g_steal_pointer (&elements);
  streamer_config_file_report (self, section, key, "The value is missing.");
  return NULL;
}

void
streamer_config_file_require (StreamerConfigFile *self,
                              const char *section,
                              const char *key,
                              const char *message)
{
  g_autofree char *place = make_place (section, key);

  if (!g_hash_table_contains (self->lines, place))
    streamer_config_file_report (self, section, key, "%s", message);
}

void
streamer_config_file_report_unknown (StreamerConfigFile *self)
{
  GHashTableIter iter;
  gpointer place, line;

  g_hash_table_iter_init (&iter, self->lines);
  while (g_hash_table_iter_next (&iter, &place, &line))
    {
      g_auto (GStrv) names = g_strsplit (place, "\n", 2);
      g_autofree char *section_place = make_place (names[0], "");

      if (g_hash_table_contains (self->asked_for, place))
        continue;
      if (*names[1] == '\0')
        add_finding (self->findings, GPOINTER_TO_UINT (line), names[0], NULL,
                     "There is no such section.");
      else if (g_hash_table_contains (self->asked_for, section_place))
        add_finding (self->findings, GPOINTER_TO_UINT (line), names[0], names[1],
                     "There is no such key in this section.");
    }
}
