package dev.holdfast.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spring.Locked.SelfCalls;
import dev.holdfast.testkit.TestCluster;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Lazy;

/** Calls that go past the proxy, and calls that only look so. */
class SelfCallsTest {
    private final TestCluster cluster = TestCluster.start();

    @AfterEach
    void close() {
        cluster.close();
    }

    static class Bean {
        @Locked(name = "a", key = "#id")
        public @Nullable Object work(long before, Object id, double after) {
            return id;
        }
    }

    static class Plain extends Bean {
        public void use() {
            work(1, "x", 2);
        }
    }

    static class Conditional extends Bean {
        public @Nullable Object use(long number, boolean first) {
            return first ? null : work(number + (first ? 1L : 2L), first ? "a" : List.of("b", number), number * 2.0);
        }
    }

    static class Aliased extends Bean {
        public void use() {
            Aliased same = this;
            for (int i = 0; i < 3; i++) {
                same.work(i, "x", i);
            }
        }
    }

    static class InLambda extends Bean {
        public void use(List<String> all) {
            all.forEach(each -> work(1, each, 2));
        }
    }

    static class Referred extends Bean {
        public void use(Map<Long, String> all) {
            each(this::one);
            all.clear();
        }

        @Locked(name = "b", key = "#id")
        public void one(Object id) {}

        private void each(Consumer<Object> consumer) {
            consumer.accept("x");
        }
    }

    static class InSwitch extends Bean {
        public void use(String what) {
            try {
                switch (what) {
                    case "a" -> work(1, what, 2);
                    default -> throw new IllegalArgumentException(what);
                }
            } catch (IllegalStateException e) {
                throw new IllegalArgumentException(e);
            }
        }
    }

    static class InHandler extends Bean {
        public void use(String what) {
            try {
                if (Integer.parseInt(what) > 0) {
                    Thread.yield();
                }
            } catch (NumberFormatException e) {
                work(1, what, 2);
            } finally {
                Thread.yield();
            }
        }
    }

    static class InAnonymous extends Bean {
        public Runnable use() {
            return new Runnable() {
                @Override
                public void run() {
                    work(1, "x", 2);
                }
            };
        }
    }

    static class InConstructor extends Bean {
        @SuppressWarnings("this-escape")
        InConstructor() {
            work(1, "x", 2);
        }
    }

    abstract static class Template<T> {
        public void all(List<T> several) {
            several.forEach(this::each);
            for (T one : several) {
                each(one);
            }
        }

        public abstract void each(T one);
    }

    static class OfTemplate extends Template<String> {
        @Locked(name = "a", key = "#one")
        @Override
        public void each(String one) {}
    }

    static class OtherSuper extends Bean {
        public void use() {
            super.work(1, "x", 2);
        }
    }

    static class UnderAnotherLock extends Bean {
        @Locked(name = "a", key = "#id")
        public void use(String id) {
            work(1, "y", 2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                Plain.class,
                Conditional.class,
                Aliased.class,
                InLambda.class,
                Referred.class,
                InSwitch.class,
                InHandler.class,
                InAnonymous.class,
                InConstructor.class,
                OfTemplate.class,
                OtherSuper.class,
                UnderAnotherLock.class
            })
    void a_call_on_this_is_refused(Class<?> bean) {
        assertThatThrownBy(() -> Contexts.start(cluster.client(), bean))
                .isInstanceOf(InvalidLockedMethodException.class)
                .hasMessageContaining("is called on 'this'")
                .hasMessageContaining("SelfCallsTest.java:")
                .hasMessageContaining("inject the bean into itself");
    }

    @Test
    void the_message_tells_where() {
        assertThatThrownBy(() -> Contexts.start(cluster.client(), InLambda.class))
                .hasMessageContaining("Bean.work(long, Object, double)")
                .hasMessageContaining("InLambda, method use (SelfCallsTest.java:");
    }

    static class Submitting implements Runnable {
        @Locked(name = "a")
        @Override
        public void run() {}

        public void use(Executor executor) {
            executor.execute(this);
        }
    }

    static class SubmittingInLambda extends Submitting {
        @Override
        public void use(Executor executor) {
            Runnable later = () -> new Thread(this).start();
            later.run();
        }
    }

    static class SubmittingInside extends Submitting {
        @Override
        public void use(Executor executor) {
            class Local {
                void go() {
                    executor.execute(SubmittingInside.this);
                }
            }
            new Local().go();
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {Submitting.class, SubmittingInLambda.class, SubmittingInside.class})
    void to_hand_over_this_to_who_may_call_it_is_refused(Class<?> bean) {
        assertThatThrownBy(() -> Contexts.start(cluster.client(), bean))
                .isInstanceOf(InvalidLockedMethodException.class)
                .hasMessageContaining("Submitting.run()")
                .hasMessageContaining("gets 'this' as a java.lang.Runnable in " + bean.getName())
                .hasMessageContaining("SelfCallsTest.java:");
    }

    static class HandingOverHarmlessly implements Runnable, Comparable<HandingOverHarmlessly> {
        @Lazy
        @Autowired
        private @Nullable Runnable self;

        @Locked(name = "a")
        @Override
        public void run() {}

        @Override
        public int compareTo(HandingOverHarmlessly other) {
            return 0;
        }

        static int compare(Comparable<HandingOverHarmlessly> comparable) {
            return comparable.hashCode();
        }

        public boolean use(List<Object> all, Executor executor) {
            class Local {
                int number() {
                    return compare(HandingOverHarmlessly.this);
                }
            }
            if (self != null) {
                executor.execute(self);
            }
            return all.contains(this) || new Local().number() == 0;
        }
    }

    @Test
    void to_hand_it_over_as_something_else_is_no_problem() {
        Contexts.start(cluster.client(), HandingOverHarmlessly.class).close();
    }

    static class Injected extends Bean {
        @Lazy
        @Autowired
        private @Nullable Injected self;

        private Injected get() {
            if (self == null) {
                throw new IllegalStateException();
            }
            return self;
        }

        public boolean use(@Nullable Injected other, boolean mine) {
            Injected chosen = mine ? get() : other;
            if (chosen != null) {
                chosen.work(mine ? 1 : 2, "x", 2);
            }
            Runnable later = () -> get().work(1, "y", 2);
            later.run();
            Consumer<Object> reference = get()::none;
            reference.accept("z");
            return true;
        }

        @Locked(name = "none", key = "#id")
        public void none(Object id) {}
    }

    static class Same {
        @Locked(name = "same")
        public void outer() {
            inner();
        }

        @Locked(name = "same")
        public void inner() {
            assertThat(CurrentLock.token().resource()).isEqualTo("same");
        }
    }

    static class Overriding extends Bean {
        @Override
        public @Nullable Object work(long before, Object id, double after) {
            return super.work(before, id, after);
        }
    }

    static class Generic implements Consumer<String> {
        @Locked(name = "generic", key = "#text")
        @Override
        public void accept(String text) {
            assertThat(CurrentLock.token().resource()).isEqualTo("generic:" + text);
        }
    }

    static class Allowed {
        boolean free;

        @Locked(name = "free", selfCalls = SelfCalls.ALLOW)
        public void work() {
            free = CurrentLock.handle().isEmpty();
        }

        public boolean use() {
            work();
            return free;
        }
    }

    @Test
    void calls_through_the_proxy_and_calls_under_the_lock_are_not() {
        try (AnnotationConfigApplicationContext context = Contexts.start(
                cluster.client(), Injected.class, Same.class, Overriding.class, Generic.class, Allowed.class)) {
            assertThat(context.getBean(Injected.class).use(null, true)).isTrue();
            context.getBean(Same.class).outer();
            assertThat(context.getBean(Overriding.class).work(1, "x", 2)).isEqualTo("x");
            @SuppressWarnings("unchecked")
            Consumer<String> generic = context.getBean("selfCallsTest.Generic", Consumer.class);
            generic.accept("x");
            assertThat(context.getBean(Allowed.class).use()).isTrue();
        }
    }
}
