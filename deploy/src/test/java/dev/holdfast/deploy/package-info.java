/** What is brought for running peers elsewhere is what the tools there understand, and what peers need. */
@NullMarked
package dev.holdfast.deploy;

import org.jspecify.annotations.NullMarked;
