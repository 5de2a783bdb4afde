package dev.holdfast.compatibility;

/** A bill of materials that applications import. */
record Bom(String name, String groupId, String artifactId, String version) {

    static Bom springBoot(String version) {
        return new Bom("Spring Boot", "org.springframework.boot", "spring-boot-dependencies", version);
    }

    static Bom quarkus(String version) {
        return new Bom("Quarkus", "io.quarkus", "quarkus-bom", version);
    }

    static Bom grpc(String version) {
        return new Bom("grpc-bom", "io.grpc", "grpc-bom", version);
    }

    static Bom protobuf(String version) {
        return new Bom("protobuf-bom", "com.google.protobuf", "protobuf-bom", version);
    }

    @Override
    public String toString() {
        return name + " " + version;
    }
}
