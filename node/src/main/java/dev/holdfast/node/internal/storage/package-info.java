/**
 * What a peer keeps on disk, looked at while nobody uses it: the files of Ratis's log, read without Ratis. What the entries
 * mean is not known here.
 */
@NullMarked
package dev.holdfast.node.internal.storage;

import org.jspecify.annotations.NullMarked;
