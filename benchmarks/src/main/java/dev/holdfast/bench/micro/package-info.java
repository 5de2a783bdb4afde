/**
 * How long single parts take, without a cluster: the state machine and the codecs. Benchmarks are public and not final
 * because JMH extends them. A test checks the outcomes of each, since a refusal is quick and worth nothing.
 */
@NullMarked
package dev.holdfast.bench.micro;

import org.jspecify.annotations.NullMarked;
