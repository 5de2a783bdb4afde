package dev.holdfast.spring.boot.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;

/**
 * On a test with {@code @SpringBootTest}: the application's client is that of a {@link dev.holdfast.testkit.TestCluster} in memory, which is a
 * bean, too. There is no peer, no network and no disk, and {@code holdfast.servers} is not needed. Clients that the application declares as beans
 * are replaced by that one as well; a {@code HoldfastNode} that it declares is refused. A test that needs another client has it from
 * {@link dev.holdfast.testkit.TestCluster#newClient}.
 *
 * <pre>{@code
 * @SpringBootTest
 * @AutoConfigureTestHoldfast
 * class BillingTest {
 *     @Autowired TestCluster cluster;
 *
 *     @Test
 *     void ...() {
 *         cluster.advance(Duration.ofMinutes(10));
 *     }
 * }
 * }</pre>
 *
 * <p>Time stands still until {@link dev.holdfast.testkit.TestCluster#advance} moves it, so a wait that only time ends needs another thread to advance it.
 * With the property {@code holdfast.test.clock=system} it is real time. Tests that share a context share the cluster.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ImportAutoConfiguration(TestHoldfastAutoConfiguration.class)
public @interface AutoConfigureTestHoldfast {}
