/**
 * Holdfast in an application of Spring Boot 3.5 or 4: a client that its properties describe, or an embedded peer. Nothing here that an
 * application has as a bean of its own is made again.
 */
@NullMarked
package dev.holdfast.spring.boot;

import org.jspecify.annotations.NullMarked;
