/** What is built for installation, installed and used. */
@NullMarked
package dev.holdfast.server.packages;

import org.jspecify.annotations.NullMarked;
