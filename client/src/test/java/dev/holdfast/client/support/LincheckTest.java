package dev.holdfast.client.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A test that lets Lincheck search. It is left to {@code -Plong}, and has so much time that only a search that does not end
 * runs out of it: the default for tests would judge the machine.
 */
@Test
@Tag("long")
@Timeout(value = 30, unit = TimeUnit.MINUTES)
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface LincheckTest {}
