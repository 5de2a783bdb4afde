package dev.holdfast.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.testkit.TestCluster;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** Where in a bean's hierarchy the annotations are, and where its methods. */
class LockedHierarchyTest {
    private final TestCluster cluster = TestCluster.start();

    @AfterEach
    void close() {
        cluster.close();
    }

    private AnnotationConfigApplicationContext startByClass(Class<?>... beans) {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.registerBean(HoldfastClient.class, cluster::client, definition -> definition.setDestroyMethodName(""));
        context.register(Contexts.LockingByClass.class);
        return Contexts.start(context, beans);
    }

    interface Named<T> {
        @Locked(name = "promised", key = "#p0")
        String work(T id, @Token long token);
    }

    static class Implementing {
        public String work(String id, long token) {
            assertThat(token).isPositive();
            return CurrentLock.token().resource();
        }
    }

    static class Inheriting extends Implementing implements Named<String> {}

    static class Direct implements Named<String> {
        @Override
        public String work(String id, long token) {
            assertThat(token).isPositive();
            return CurrentLock.token().resource();
        }
    }

    @Test
    void what_an_interface_promises_counts_for_a_method_that_the_bean_inherits() {
        try (AnnotationConfigApplicationContext context = startByClass(Inheriting.class)) {
            assertThat(context.getBean(Inheriting.class).work("x", 0)).isEqualTo("promised:x");
        }
    }

    @Test
    void a_token_that_only_the_interface_has_is_filled_in() {
        try (AnnotationConfigApplicationContext context = startByClass(Direct.class)) {
            assertThat(context.getBean(Direct.class).work("x", 0)).isEqualTo("promised:x");
        }
        try (AnnotationConfigApplicationContext context = Contexts.start(cluster.client(), Inheriting.class)) {
            @SuppressWarnings("unchecked")
            Named<String> bean = context.getBean(Named.class);
            assertThat(bean.work("y", 0)).isEqualTo("promised:y");
        }
    }

    @Locked(name = "type")
    interface TypeLocked {
        boolean isUnder();
    }

    static class Framework {
        public final void configure() {}

        public boolean isUnder() {
            return CurrentLock.handle().isPresent();
        }

        public boolean inherited() {
            return CurrentLock.handle().isPresent();
        }
    }

    static class OfInterface extends Framework implements TypeLocked {}

    @Locked(name = "dao")
    static class Dao extends Framework {
        public boolean own() {
            return CurrentLock.handle().isPresent();
        }
    }

    static class BelowDao extends Dao {
        public boolean below() {
            return CurrentLock.handle().isPresent();
        }
    }

    @Test
    void what_an_interface_says_counts_for_its_methods_wherever_they_are_implemented() {
        try (AnnotationConfigApplicationContext context = startByClass(OfInterface.class)) {
            assertThat(context.getBean(OfInterface.class).isUnder()).isTrue();
            assertThat(context.getBean(OfInterface.class).inherited()).isFalse();
        }
    }

    @Test
    void what_a_class_says_counts_for_it_and_what_extends_it_and_not_for_what_it_extends() {
        try (AnnotationConfigApplicationContext context = startByClass(BelowDao.class)) {
            BelowDao dao = context.getBean(BelowDao.class);
            assertThat(dao.own()).isTrue();
            assertThat(dao.below()).isTrue();
            assertThat(dao.inherited()).isFalse();
            dao.configure();
        }
    }

    interface Mapper {
        @Locked(name = "mapper", key = "#id")
        String map(String id, @Token long token);
    }

    static class MapperFactory implements FactoryBean<Mapper> {
        @Override
        public Mapper getObject() {
            return (Mapper) Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {Mapper.class},
                    (proxy, method, arguments) -> method.getName().equals("map")
                            ? CurrentLock.token().resource() + Arrays.asList(arguments)
                            : null);
        }

        @Override
        public Class<?> getObjectType() {
            return Mapper.class;
        }
    }

    @Test
    void a_proxy_that_a_factory_made_is_locked_as_its_interface_says() {
        try (AnnotationConfigApplicationContext context = Contexts.start(cluster.client(), MapperFactory.class)) {
            assertThat(context.getBean(Mapper.class).map("x", 0)).matches("mapper:x\\[x, [1-9]\\d*]");
        }
    }

    static class Lonely implements TypeLocked {
        @Override
        public final boolean isUnder() {
            return false;
        }
    }

    @Test
    void a_final_method_of_such_an_interface_is_refused() {
        assertThatThrownBy(() -> startByClass(Lonely.class))
                .isInstanceOf(InvalidLockedMethodException.class)
                .hasMessageContaining("is final");
    }
}
