import { defineObject, type ObjectModel } from "./object-model.ts";

const device = defineObject(
  3,
  "Device",
  `0 Manufacturer R string
   1 ModelNumber R string
   2 SerialNumber R string
   3 FirmwareVersion R string
   4 Reboot E
   5 FactoryReset E
   6* AvailablePowerSources R integer
   7* PowerSourceVoltage R integer
   8* PowerSourceCurrent R integer
   9 BatteryLevel R integer
   10 MemoryFree R integer
   11* ErrorCode R integer
   12 ResetErrorCode E
   13 CurrentTime RW time
   14 UTCOffset RW string
   15 Timezone RW string
   16 SupportedBindingsAndModes R string
   17 DeviceType R string
   18 HardwareVersion R string
   19 SoftwareVersion R string
   20 BatteryStatus R integer
   21 MemoryTotal R integer`,
);

const connectivity = defineObject(
  4,
  "ConnectivityMonitoring",
  `0 NetworkBearer R integer
   1* AvailableNetworkBearer R integer
   2 RadioSignalStrength R integer
   3 LinkQuality R integer
   4* IPAddresses R string
   5* RouterIPAddresses R string
   6 LinkUtilization R integer
   7* APN R string
   8 CellID R integer
   9 SMNC R integer
   10 SMCC R integer`,
);

const firmware = defineObject(
  5,
  "FirmwareUpdate",
  `0 Package W opaque
   1 PackageURI RW string
   2 Update E
   3 State R integer
   5 UpdateResult R integer
   6 PkgName R string
   7 PkgVersion R string
   8* FirmwareUpdateProtocolSupport R integer
   9 FirmwareUpdateDeliveryMethod R integer`,
);

/** The registered meter object: only what every meter must have. */
const powerMeter = defineObject(
  10242,
  "3PhasePowerMeter",
  `0 Manufacturer R string
   1 ModelNumber R string
   2 SerialNumber R string
   3 Description R string
   4 TensionR R float
   5 CurrentR R float
   14 TensionS R float
   15 CurrentS R float
   24 TensionT R float
   25 CurrentT R float`,
);

const breakerTable = `0 BreakerStatus R integer
   1 CurrentPhaseA R float
   2 CurrentPhaseB R float
   3 CurrentPhaseC R float
   4 VoltagePhaseA R float
   5 VoltagePhaseB R float
   6 VoltagePhaseC R float
   7 PowerFactor R float
   8 ActivePower R float
   9 ReactivePower R float
   10 ApparentPower R float
   11 Frequency R float
   12 Temperature R float
   13 TripCount R integer
   14 LastTripTime R time
   15 TripReason R string
   16 TripCurrent R float
   17 TripDelay R float
   18 GroundFaultCurrent R float
   19 ArcFaultDetected R boolean
   20 MaintenanceDue R boolean
   21 OperatingHours R integer
   22 LoadPercentage R float
   23 HarmonicDistortion R float
   24 BreakerPosition R integer
   25 RemoteControlEnabled RW boolean
   26 AutoRecloseEnabled RW boolean
   27 AutoRecloseAttempts RW integer
   28 ProtectionSettings R objlnk
   29 AlarmStatus R integer
   30 CommunicationStatus R integer`;

const ownBreakerTable = `${breakerTable}
   31 SwitchPosition R integer
   32 Tripped R boolean
   33 LocalControl R boolean
   34 DeviceHealth R integer
   35 SelfTestResult R integer
   36 CurrentNeutral R float
   37 CurrentUnbalance R float
   38 ActiveEnergyImport R float
   39 ThermalCapacityUsed R float
   40 OperationCount R integer
   41 ContactWear R float
   42 RatedCurrent R float
   43 RatedVoltage R float
   44 RatedFrequency R float
   45 BreakingCapacity R float
   46 PoleCount R integer
   47 LastResult R integer
   48 LastReason R string
   50 Trip E
   51 Close E
   52 Reset E
   53 SelfTest E`;

const protectionTable = `0 OvercurrentPickup RW float
   1 OvercurrentDelay RW float
   2 GroundFaultPickup RW float
   3 GroundFaultDelay RW float
   4 ArcFaultPickup RW float
   5 ArcFaultDelay RW float
   6 ThermalPickup RW float
   7 ThermalDelay RW float
   8 InstantaneousPickup RW float
   9 AutoRecloseDelay RW float
   10 ProtectionEnabled RW boolean`;

/** Ids of our own objects; in the range that OMA leaves for tests (42769 to 42800), because none is registered. */
export const breakerObjectId = 42_769;
export const protectionObjectId = 42_770;

/** Objects that are known without being told: OMA's that a breaker has, and ours. */
export const standardObjects: readonly ObjectModel[] = [
  device,
  connectivity,
  firmware,
  powerMeter,
  defineObject(breakerObjectId, "CircuitBreaker", ownBreakerTable),
  defineObject(protectionObjectId, "BreakerProtection", protectionTable),
];
