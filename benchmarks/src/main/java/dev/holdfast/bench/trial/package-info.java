/** What is measured apart from load: failures, growth, and clusters that are left alone. */
@NullMarked
package dev.holdfast.bench.trial;

import org.jspecify.annotations.NullMarked;
