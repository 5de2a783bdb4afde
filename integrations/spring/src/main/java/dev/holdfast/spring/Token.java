package dev.holdfast.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A parameter of a {@link Locked} method that is filled in with what the call holds, to be passed along with every write:
 *
 * <ul>
 *   <li>{@code long} or {@code Long}: the fencing token;
 *   <li>{@link dev.holdfast.client.fencing.FencingToken}: the token and the lock's key;
 *   <li>{@link dev.holdfast.client.LockHandle}: the hold itself. It is released for the method.
 * </ul>
 *
 * The caller passes 0 or {@code null}, or what it got itself under the same lock. Any other value is an
 * {@link IllegalArgumentException}, since it would be replaced without a word. {@link CurrentLock} has the same without a parameter.
 */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface Token {}
