/** {@link dev.holdfast.spring.Locked}: methods of Spring beans that run under a lock. Sees the client only, and no Spring Boot. */
@NullMarked
package dev.holdfast.spring;

import org.jspecify.annotations.NullMarked;
