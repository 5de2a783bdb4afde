/** What the executables add to logging. The rest of the module does not know it: its configuration does. */
@NullMarked
package dev.holdfast.server.log;

import org.jspecify.annotations.NullMarked;
