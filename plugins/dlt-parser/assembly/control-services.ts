/** The names of control services. */
import { StaticTexts } from './static-text';

const NAMES = [
  'set_log_level',
  'set_trace_status',
  'get_log_info',
  'get_default_log_level',
  'store_configuration',
  'restore_to_factory_default',
  'set_com_interface_status',
  'set_com_interface_max_bandwidth',
  'set_verbose_mode',
  'set_message_filtering',
  'set_timing_packets',
  'get_local_time',
  'set_use_ecuid',
  'set_use_session_id',
  'set_use_timestamp',
  'set_use_extended_header',
  'set_default_log_level',
  'set_default_trace_status',
  'get_software_version',
  'message_buffer_overflow',
  'get_default_trace_status',
  // Chipmunk's spelling.
  'get_com_interfacel_status',
  'get_log_channel_names',
  'get_com_interface_max_bandwidth',
  'get_verbose_mode_status',
  'get_message_filtering_status',
  'get_use_ecuid',
  'get_use_session_id',
  'get_use_timestamp',
  'get_use_extended_header',
  'get_trace_status',
  'set_log_channel_assignment',
  'set_log_channel_threshold',
  'get_log_channel_threshold',
  'buffer_overflow_notification',
];
/** Those of libdlt, from 0xF01 on. */
const LIBDLT_NAMES = ['unregister_context', 'connection_info', 'timezone', 'marker'];
const FIRST_OF_LIBDLT: u32 = 0xf01;
/** From this id on, messages that are injected into an application. */
const FIRST_INJECTION: u32 = 0xfff;

export class ControlServices {
  private readonly texts: StaticTexts;

  constructor() {
    const texts = ['[Unknown CtrlCommand]'];
    for (let i = 0; i < NAMES.length; i++) texts.push('[' + NAMES[i] + ']');
    for (let i = 0; i < LIBDLT_NAMES.length; i++) texts.push('[' + LIBDLT_NAMES[i] + ']');
    texts.push('[injection]');
    this.texts = new StaticTexts(texts);
  }

  /** The number of the text for a service. */
  indexOf(service: u32): u32 {
    if (service <= <u32>NAMES.length) return service;
    const vendor = service - FIRST_OF_LIBDLT;
    if (service >= FIRST_OF_LIBDLT && vendor < <u32>LIBDLT_NAMES.length) return 1 + NAMES.length + vendor;
    return service >= FIRST_INJECTION ? 1 + NAMES.length + LIBDLT_NAMES.length : 0;
  }

  /** Whether the service has a name of its own. */
  isNamed(service: u32): bool {
    const index = this.indexOf(service);
    return index != 0 && index <= <u32>(NAMES.length + LIBDLT_NAMES.length);
  }

  textAt(index: u32): usize {
    return this.texts.at(index);
  }

  lengthAt(index: u32): usize {
    return this.texts.lengthAt(index);
  }
}
