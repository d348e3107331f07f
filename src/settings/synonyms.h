/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean" by meaning: what people type for what is named otherwise here. */
#ifndef SETTINGS_SYNONYMS_H
#define SETTINGS_SYNONYMS_H

/* What `word` means as a value of the option `option`, or as an option's name where
 * `option` is NULL; NULL: no idea. Case is ignored, '_' is '-'. */
const char *synonym_of(const char *option, const char *word);

/* The words for options' names, one after the other; NULL at the end. */
const char *synonym_of_option(int index);

#endif
