/* streamer-config-file.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StreamerFinding:
 * @line: of the file, from 1; 0 for the file as a whole
 * @section: (owned) (nullable): with its name, where it has one
 * @key: (owned) (nullable)
 * @message: (owned): what is wrong, as a sentence
 */
typedef struct
{
  guint line;
  char *section;
  char *key;
  char *message;
} StreamerFinding;

/** Returns: (transfer full) (element-type StreamerFinding): none yet */
GPtrArray *streamer_findings_new (void);

/** Orders them by line. */
void streamer_findings_sort (GPtrArray *findings);

/** Returns: (transfer full): `FILE:LINE: [SECTION] KEY: MESSAGE`, always one line */
char *streamer_finding_to_string (const StreamerFinding *finding, const char *path);

/**
 * StreamerConfigFile:
 *
 * A key file (see GKeyFile) that knows on which line everything stands, and what nobody asked for:
 * so that whatever is wrong can be told, all at once, with its place.
 */
typedef struct _StreamerConfigFile StreamerConfigFile;

/**
 * streamer_config_file_load:
 * @findings: (element-type StreamerFinding): gets what is wrong with the file as such: its mode, lines
 *   that are none, what is said twice
 *
 * Returns: (transfer full) (nullable): NULL where it cannot be read at all, which is found, too
 */
StreamerConfigFile *streamer_config_file_load (const char *path, GPtrArray *findings);
/** As streamer_config_file_load(), of a text that is in memory. */
StreamerConfigFile *streamer_config_file_parse (const char *text, GPtrArray *findings);
void streamer_config_file_free (StreamerConfigFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerConfigFile, streamer_config_file_free)

/** Returns: (transfer none): the names of all sections, in their order */
const char *const *streamer_config_file_get_sections (StreamerConfigFile *self);
gboolean streamer_config_file_has_section (StreamerConfigFile *self, const char *section);

/** The section is known: its keys are asked for one by one. */
void streamer_config_file_expect_section (StreamerConfigFile *self, const char *section);

/** Returns: (transfer full) (nullable): the text; NULL where there is none, or an empty one */
char *
streamer_config_file_get_text (StreamerConfigFile *self, const char *section, const char *key);

/** Returns: (transfer full) (nullable): the elements between `;`, without blanks around them */
GStrv
streamer_config_file_get_list (StreamerConfigFile *self, const char *section, const char *key);

/** Something is wrong with this key, or it is missing. @key: (nullable): NULL for the section */
void streamer_config_file_report (StreamerConfigFile *self,
                                  const char *section,
                                  const char *key,
                                  const char *format,
                                  ...) G_GNUC_PRINTF (4, 5);

/** Reports @message where @key is not there at all: one with a wrong value is reported already. */
void streamer_config_file_require (StreamerConfigFile *self,
                                   const char *section,
                                   const char *key,
                                   const char *message);

/** Finds the sections and keys that nobody has asked for. */
void streamer_config_file_report_unknown (StreamerConfigFile *self);

G_END_DECLS
