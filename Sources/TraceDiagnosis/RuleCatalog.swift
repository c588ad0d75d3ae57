/// Every rule, the one that explains most first: where two findings are about the same traffic, the earlier is the
/// root cause.
enum RuleCatalog {
  static let rules: [any Rule.Type] = [
    ParentDeleted.self, ParentMovedNetns.self, ParentDown.self, BPDUGuard.self, ParentNoCarrier.self,
    STPBlocking.self, VLANDeviceDown.self, VLANNameMismatch.self, QinQEtherType.self,
    DoubleTag.self, NativeVLANMismatch.self, VLANMissingOnTrunk.self, VLANModuleMissing.self,
    TaggedIntoChild.self, UnknownVID.self,
    MACDuplicateSameParent.self, ChildDown.self, OwnSourceMACMulticast.self, MACDuplicateOnSegment.self,
    IPOverlapsDHCP.self, ProxyARPHijack.self, DuplicateIP.self,
    ForeignBPFDrop.self, ConntrackFull.self, BridgeNetfilter.self, NATHidesSource.self, ConntrackInvalid.self,
    DockerForwardDrop.self,
    FirewallForwardDrop.self,
    HostFirewall.self, ContainerFirewall.self, PortPublishIgnored.self,
    NoListener.self, ICMPIgnored.self,
    QdiscDrop.self, NeighborTableFull.self, CPUBacklog.self, BroadcastQueueOverflow.self,
    ChecksumPartial.self, MartianSource.self,
    DockerDummyParent.self, DockerDesktopVM.self, DefaultModeVEPA.self, IPvlanHost.self,
    RegistryOnOwnMacvlan.self, HostToChildPassthru.self, HostToChildBridge.self,
    HostToChildPrivate.self, HostToChildVEPA.self, HostToChildSource.self, ChildToHostBridge.self,
    SourceNODSTEats.self, SourceMACNotListed.self, PrivateSiblingIsolation.self, VEPANoReflectiveRelay.self,
    SiblingModeMismatch.self,
    MACBehindChild.self, BondALBRewrite.self,
    WiFiParent.self, VirtualFunctionUntrusted.self, CloudMACFilter.self, HyperVMACSpoofing.self,
    VSwitchPromiscuousReject.self, VSwitchForgedTransmitsReject.self, NICUnicastFilterFull.self,
    Dot1XSingleHost.self, SwitchPortSecurity.self,
    IPv6NDMulticastLost.self, ICMPRedirect.self,
    VLANMTUOverhead.self, PMTUBlackhole.self,
    TTLLoop.self, IPv6DADFailed.self, ARPOff.self, StaleARP.self, ARPIgnore.self, RPFilterStrict.self,
    ARPFilter.self, RoutingPolicyRule.self, BlackholeRoute.self, NoReturnRoute.self,
    DefaultRouteOtherNet.self,
    IPForward0.self, RouterEgressDown.self, WrongNetmask.self, DockerInternal.self, GatewayMissing.self,
    IPv6RAHijack.self,
    GatewayNonexistent.self, RouterNoRoute.self, AsymmetricPath.self, ARPFlux.self,
    IPvlanL3NoReturnRoute.self, IPvlanDHCPSameMAC.self, MulticastNotJoined.self,
    NeighborUnanswered.self, KernelDrop.self,
    NoReplyFromWire.self, VLANLeak.self, VLANHopping.self, LROForward.self, IGMPNoQuerier.self,
    HostFirewallBypassed.self,
    MTUChildAboveParent.self, L2ForwardOffloadBypass.self,
    RXHandlerBusy.self, IPvlanMacvlanMix.self, PassthruExclusive.self,
    ReorderHeaderOff.self, VLANStripBlindness.self,
  ]

  /// Those that take the observations of two hosts.
  static let hostRules: [any HostRule.Type] = [
    MACOnTwoHosts.self, AddressOnTwoHosts.self, VLANMissingBetweenHosts.self, SwitchCAMStale.self,
    LostBetweenHosts.self,
  ]
}
