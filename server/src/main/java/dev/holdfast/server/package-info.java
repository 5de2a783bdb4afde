/** The command line. It is for the executables of this module: nothing that an embedding application needs belongs here. */
@NullMarked
package dev.holdfast.server;

import org.jspecify.annotations.NullMarked;
