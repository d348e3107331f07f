# SPDX-License-Identifier: Apache-2.0
# Removes the files of an install manifest; folders stay, as others may use them.
if(NOT EXISTS ${MANIFEST})
  message(FATAL_ERROR "${MANIFEST} is not there: nothing was installed from this folder")
endif()
file(STRINGS ${MANIFEST} files)
foreach(file ${files})
  if(EXISTS "$ENV{DESTDIR}${file}" OR IS_SYMLINK "$ENV{DESTDIR}${file}")
    file(REMOVE "$ENV{DESTDIR}${file}")
    message(STATUS "removed ${file}")
  endif()
endforeach()
