/**
 * What single parts take, without a cluster: the state machine and the codecs. Benchmarks are public, and not final,
 * because JMH extends them; each is checked for its outcomes by a test, for a refusal is quick and worth nothing.
 */
@NullMarked
package dev.holdfast.bench.micro;

import org.jspecify.annotations.NullMarked;
