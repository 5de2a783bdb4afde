/** A cluster in memory for the tests of an application. Only with the test kit on the class path. */
@NullMarked
package dev.holdfast.spring.boot.test;

import org.jspecify.annotations.NullMarked;
