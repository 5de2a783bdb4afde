package dev.holdfast.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.spring.Locked.OnRefused;
import dev.holdfast.testkit.TestCluster;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

/** What an application does not start with. */
class LockedStartTest {
    private final TestCluster cluster = TestCluster.start();

    @AfterEach
    void close() {
        cluster.close();
    }

    static class Private {
        @Locked(name = "a")
        private void work() {}

        public void use() {
            work();
        }
    }

    static class Final {
        @Locked(name = "a")
        public final void work() {}
    }

    static class Static {
        @Locked(name = "a")
        public static void work() {}
    }

    static class PackagePrivate {
        @Locked(name = "a")
        void work() {}
    }

    static class Base {
        @Locked(name = "a")
        private void work() {}

        public void use() {
            work();
        }
    }

    static class Inherited extends Base {}

    @Locked(name = "a")
    static class FinalInClass {
        public final void work() {}
    }

    static class BadSpel {
        @Locked(name = "a", key = "#id + ")
        public void work(String id) {}
    }

    static class UnknownParameter {
        @Locked(name = "a", key = "#orderId")
        public void work(String id) {}
    }

    static class NoHash {
        @Locked(name = "a", key = "id.length()")
        public void work(String id) {}
    }

    static class NothingToCall {
        @Locked(name = "a", key = "id()")
        public void work(String id) {}
    }

    static class BadDuration {
        @Locked(name = "a", waitFor = "5 seconds")
        public void work() {}
    }

    static class BadTtl {
        @Locked(name = "a", ttl = "0s")
        public void work() {}
    }

    static class BadPlaceholder {
        @Locked(name = "a", waitFor = "${not.there}")
        public void work() {}
    }

    static class NoName {
        @Locked(name = "")
        public void work() {}
    }

    static class SkippedInt {
        @Locked(name = "a", onRefused = OnRefused.SKIP)
        public int work() {
            return 1;
        }
    }

    static class Future {
        @Locked(name = "a")
        public CompletableFuture<Void> work() {
            return new CompletableFuture<>();
        }
    }

    static class Reactive {
        @Locked(name = "a")
        public Flow.Publisher<String> work() {
            return subscriber -> {};
        }
    }

    static class Called {
        @Locked(name = "a")
        public java.util.concurrent.Callable<String> work() {
            return () -> "";
        }
    }

    static class Streamed {
        @Locked(name = "a")
        public java.util.stream.IntStream work() {
            return java.util.stream.IntStream.empty();
        }
    }

    @EnableHoldfastLocking(proxyTargetClass = true)
    static class Lifecycle {
        @Locked(name = "a")
        static class Initialized implements org.springframework.beans.factory.InitializingBean {
            @Override
            public void afterPropertiesSet() {}
        }

        static class Disposed implements org.springframework.beans.factory.DisposableBean {
            @Override
            @Locked(name = "a")
            public void destroy() {}
        }

        static class Named {
            @Locked(name = "a")
            public void begin() {}

            @Locked(name = "a")
            public void end() {}

            @Locked(name = "a", selfCalls = Locked.SelfCalls.ALLOW)
            public void allowed() {}
        }

        @Bean
        Initialized initialized() {
            return new Initialized();
        }

        @Bean
        Disposed disposed() {
            return new Disposed();
        }

        @Bean(initMethod = "begin", destroyMethod = "end")
        Named named() {
            return new Named();
        }

        @Bean(initMethod = "allowed")
        Named allowed() {
            return new Named();
        }

        static class Annotated {
            @jakarta.annotation.PostConstruct
            @Locked(name = "a")
            public void construct() {}
        }

        @Bean
        Annotated annotated() {
            return new Annotated();
        }
    }

    @Test
    void methods_that_spring_calls_on_the_bean_itself() {
        assertThatThrownBy(() -> Contexts.start(cluster.client(), Lifecycle.class))
                .isInstanceOfSatisfying(
                        InvalidLockedMethodException.class,
                        e -> assertThat(e.problems())
                                .hasSize(5)
                                .allMatch(each -> each.contains("on the bean itself and not on its proxy"))
                                .anyMatch(each ->
                                        each.contains("afterPropertiesSet()") && each.contains("of InitializingBean"))
                                .anyMatch(each -> each.contains("destroy()") && each.contains("of DisposableBean"))
                                .anyMatch(each -> each.contains("begin()") && each.contains("its definition names it"))
                                .anyMatch(each -> each.contains("end()") && each.contains("its definition names it"))
                                .anyMatch(each -> each.contains("construct()") && each.contains("@PostConstruct")));
    }

    static class BadToken {
        @Locked(name = "a")
        public void work(@Token String token) {}
    }

    static class TokenWithoutLock {
        public void work(@Token long token) {}
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Private          | is private
            Final            | is final
            Static           | is static
            PackagePrivate   | is package-private
            Inherited        | is private
            FinalInClass     | is final
            BadSpel          | is not a SpEL expression
            UnknownParameter | names #orderId, but the method's parameters are [id]
            NoHash           | write #id for a parameter
            NothingToCall    | calls id() on nothing
            BadDuration      | '5 seconds' is not a duration
            BadTtl           | ttl "0s"
            BadPlaceholder   | ${not.there}
            NoName           | it has no name
            SkippedInt       | cannot tell that it was skipped
            Future           | may return before its work is done
            Reactive         | may return before its work is done
            Called           | may return before its work is done
            Streamed         | may return before its work is done
            TokenWithoutLock | has a @Token parameter, but no @Locked
            BadToken         | a @Token of type java.lang.String""")
    void a_method_that_would_run_without_its_lock_or_makes_no_sense(String name, String why) throws Exception {
        Class<?> bean = Class.forName(LockedStartTest.class.getName() + "$" + name);
        String owner = name.equals("Inherited") ? "Base" : name;
        assertThatThrownBy(() -> Contexts.start(cluster.client(), bean))
                .isInstanceOf(InvalidLockedMethodException.class)
                .hasMessageContaining(LockedStartTest.class.getName() + "$" + owner + ".work(")
                .hasMessageContaining(why);
    }

    @Lazy
    static class LazyFinal extends Final {}

    @Scope("prototype")
    static class PrototypeFinal extends Final {}

    @Test
    void beans_that_are_made_later_are_looked_at_too() {
        assertThatThrownBy(() -> Contexts.start(cluster.client(), LazyFinal.class))
                .isInstanceOf(InvalidLockedMethodException.class);
        assertThatThrownBy(() -> Contexts.start(cluster.client(), PrototypeFinal.class))
                .isInstanceOf(InvalidLockedMethodException.class);
    }

    static class FinalShop implements Shop {
        @Override
        @Locked(name = "a")
        public final void open() {}
    }

    static class Hidden {
        @Bean
        @Lazy
        Shop shop() {
            return new FinalShop();
        }
    }

    @Test
    void a_bean_whose_class_does_not_show_before_it_is_made_cannot_be_made() {
        try (AnnotationConfigApplicationContext context = Contexts.start(cluster.client(), Hidden.class)) {
            assertThatThrownBy(() -> context.getBean(Shop.class))
                    .hasRootCauseInstanceOf(InvalidLockedMethodException.class)
                    .hasStackTraceContaining("FinalShop.open() is final");
        }
    }

    @Test
    void all_problems_are_told_at_once() {
        assertThatThrownBy(() -> Contexts.start(cluster.client(), Final.class, BadTtl.class))
                .isInstanceOfSatisfying(
                        InvalidLockedMethodException.class,
                        e -> assertThat(e.problems())
                                .hasSize(2)
                                .allMatch(each -> e.getMessage().contains(each)));
    }

    static final class FinalClass {
        @Locked(name = "a")
        public void work() {}
    }

    @Test
    void a_final_class() {
        assertThatThrownBy(() -> Contexts.start(cluster.client(), FinalClass.class))
                .hasStackTraceContaining("final class");
    }

    static class Early {
        @Locked(name = "a")
        public void work() {}
    }

    static class Eager implements BeanPostProcessor, PriorityOrdered, BeanFactoryAware {
        @Override
        public void setBeanFactory(BeanFactory beans) {
            beans.getBean(Early.class);
        }

        @Override
        public int getOrder() {
            return 0;
        }
    }

    @Test
    void a_bean_that_was_made_before_proxies_could_be() {
        assertThatThrownBy(() -> Contexts.start(cluster.client(), Early.class, Eager.class))
                .isInstanceOf(InvalidLockedMethodException.class)
                .hasMessageContaining("'lockedStartTest.Early'")
                .hasMessageContaining("no proxy")
                .hasMessageContaining("BeanPostProcessor");
    }

    @Test
    void a_bean_that_was_put_into_the_context_as_it_is() {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.registerBean(HoldfastClient.class, cluster::client, definition -> definition.setDestroyMethodName(""));
        context.register(Contexts.Locking.class);
        context.getBeanFactory().registerSingleton("early", new Early());
        assertThatThrownBy(() -> Contexts.start(context))
                .isInstanceOf(InvalidLockedMethodException.class)
                .hasMessageContaining("'early'");
    }

    @Test
    void a_mock_in_the_place_of_a_bean_is_no_problem() {
        startWithSingleton(new Early$MockitoMock$());
    }

    @Test
    @Tag("long") // Mockito takes a second to start.
    void a_mock_that_is_of_the_class_itself_is_none_either() {
        Early mock = org.mockito.Mockito.mock(Early.class);
        assertThat(mock.getClass()).isEqualTo(Early.class);
        startWithSingleton(mock);
        startWithSingleton(org.mockito.Mockito.mock(
                Early.class, org.mockito.Mockito.withSettings().mockMaker(org.mockito.MockMakers.SUBCLASS)));
    }

    /** Named as Mockito names its own. */
    static class Early$MockitoMock$ extends Early {}

    private void startWithSingleton(Object bean) {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.registerBean(HoldfastClient.class, cluster::client, definition -> definition.setDestroyMethodName(""));
        context.register(Contexts.Locking.class);
        context.getBeanFactory().registerSingleton("early", bean);
        Contexts.start(context).close();
    }

    interface Shop {
        void open();
    }

    static class LocalShop implements Shop {
        @Override
        public void open() {}

        @Locked(name = "a")
        public void work() {}
    }

    @Test
    void a_method_that_is_not_of_the_interfaces_that_its_proxy_has() {
        assertThatThrownBy(() -> Contexts.start(cluster.client(), LocalShop.class))
                .isInstanceOf(InvalidLockedMethodException.class)
                .hasMessageContaining("LocalShop.work()")
                .hasMessageContaining("proxyTargetClass = true");
    }

    @Test
    void the_same_with_a_proxy_of_the_class_is_no_problem() {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.registerBean(HoldfastClient.class, cluster::client, definition -> definition.setDestroyMethodName(""));
        context.register(Contexts.LockingByClass.class);
        try (AnnotationConfigApplicationContext started = Contexts.start(context, LocalShop.class)) {
            started.getBean(LocalShop.class).work();
        }
    }

    @Test
    void no_client() {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.register(Contexts.Locking.class);
        assertThatThrownBy(() -> Contexts.start(context, Early.class))
                .isInstanceOf(NoSuchBeanDefinitionException.class)
                .hasMessageContaining("HoldfastClient");
    }

    @Test
    void no_client_is_needed_where_nothing_is_locked() {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.register(Contexts.Locking.class);
        Contexts.start(context).close();
    }

    static class Manager extends AbstractPlatformTransactionManager {
        private static final long serialVersionUID = 1;

        @Override
        protected Object doGetTransaction() {
            return this;
        }

        @Override
        protected void doBegin(Object transaction, org.springframework.transaction.TransactionDefinition definition) {}

        @Override
        protected void doCommit(DefaultTransactionStatus status) {}

        @Override
        protected void doRollback(DefaultTransactionStatus status) {}
    }

    @EnableTransactionManagement(order = Ordered.HIGHEST_PRECEDENCE)
    static class TransactionsFirst {
        @Bean
        PlatformTransactionManager manager() {
            return new Manager();
        }
    }

    static class Transactions {
        @Locked(name = "a")
        @Transactional
        public void work() {}
    }

    @Test
    void a_transaction_that_would_begin_before_the_lock_is_taken() {
        assertThatThrownBy(() -> Contexts.start(cluster.client(), TransactionsFirst.class, Transactions.class))
                .isInstanceOf(InvalidLockedMethodException.class)
                .hasMessageContaining("begins the transaction before it takes the lock");
    }

    /** Each class inside is handed the bean by the one that makes it. */
    static class Nodes {
        @Locked(name = "nodes")
        public Object first() {
            return new Even();
        }

        class Even {
            Object next() {
                return new Odd();
            }
        }

        class Odd {
            Object next() {
                return List.of(new Even(), new Odd());
            }
        }
    }

    @Test
    void classes_inside_a_bean_that_make_each_other_do_not_hand_it_over() {
        Contexts.start(cluster.client(), Nodes.class).close();
    }

    @EnableTransactionManagement
    static class Silent {
        @Bean
        PlatformTransactionManager silent() {
            Manager manager = new Manager();
            manager.setTransactionSynchronization(AbstractPlatformTransactionManager.SYNCHRONIZATION_NEVER);
            return manager;
        }
    }

    /** Those for Kafka, RabbitMQ and JMS are so. */
    @Test
    void a_manager_that_does_not_tell_when_its_transactions_end_is_no_reason_not_to_start() {
        Contexts.start(cluster.client(), Silent.class, Transactions.class).close();
    }

    @Lazy
    static class LaterTransactions extends Transactions {}

    @Test
    void the_same_of_a_bean_that_is_made_later() {
        assertThatThrownBy(() -> Contexts.start(cluster.client(), TransactionsFirst.class, LaterTransactions.class))
                .isInstanceOf(InvalidLockedMethodException.class)
                .hasMessageContaining("The order of the advice for transactions is " + Ordered.HIGHEST_PRECEDENCE);
    }

    @EnableHoldfastLocking(order = Ordered.HIGHEST_PRECEDENCE)
    @EnableTransactionManagement(order = 0)
    static class BothMoved {
        @Bean
        PlatformTransactionManager manager() {
            return new Manager();
        }
    }

    @Test
    void a_lock_that_was_moved_before_transactions_that_were_moved_is_no_problem() {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.registerBean(HoldfastClient.class, cluster::client, definition -> definition.setDestroyMethodName(""));
        try (AnnotationConfigApplicationContext started =
                Contexts.start(context, BothMoved.class, Transactions.class)) {
            started.getBean(Transactions.class).work();
        }
    }
}
