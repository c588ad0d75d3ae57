/// Every rule, the one that explains most first: where two findings are about the same traffic, the earlier is the
/// root cause.
enum RuleCatalog {
  static let rules: [any Rule.Type] = [
    ParentDown.self, ParentNoCarrier.self, ChildDown.self,
    ForeignBPFDrop.self, ConntrackFull.self, ConntrackInvalid.self, DockerForwardDrop.self,
    FirewallForwardDrop.self,
    HostFirewall.self, ContainerFirewall.self, PortPublishIgnored.self,
    NoListener.self, ICMPIgnored.self,
    QdiscDrop.self, NeighborTableFull.self, CPUBacklog.self, BroadcastQueueOverflow.self,
    RegistryOnOwnMacvlan.self, HostToChildPassthru.self, HostToChildBridge.self,
    HostToChildPrivate.self, HostToChildVEPA.self, HostToChildSource.self, ChildToHostBridge.self,
    SourceMACNotListed.self, PrivateSiblingIsolation.self, VEPANoReflectiveRelay.self,
    SiblingModeMismatch.self,
    NeighborUnanswered.self,
    NoReplyFromWire.self,
  ]
}
