/** What Spring Boot's actuator shows: health, an endpoint, meters. Only with the actuator on the class path. */
@NullMarked
package dev.holdfast.spring.boot.actuate;

import org.jspecify.annotations.NullMarked;
