/** The file that a cluster's backup is: written, read and checked. Where its content comes from and goes to is not known here. */
@NullMarked
package dev.holdfast.node.internal.backup;

import org.jspecify.annotations.NullMarked;
