/** The command line. Nothing that an embedding application needs may enter: it is for the executables of this module. */
@NullMarked
package dev.holdfast.server;

import org.jspecify.annotations.NullMarked;
